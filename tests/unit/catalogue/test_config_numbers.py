"""Numbers in the configuration: whole ones may have a point, each has its range, and nothing else is one."""

import ast

import pytest
from config_copy import ROOT, change, copy_config, refusal
from rework.catalogue.artefact_functions import artefact_function
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.config import EDITIONS
from rework.catalogue.datasets import dataset_options
from rework.catalogue.declarations import TASKS, task_names
from rework.catalogue.signatures import build_parameters, families, function_parameters
from rework.errors import ConfigError

WRITEUP, OCR = "config/writeups/fashion-captions.yaml", "config/writeups/ocr.yaml"
PICTURES, NUMPY = "config/writeups/mnist-cifar.yaml", "config/writeups/nist36.yaml"
CONFIG, SAMPLE, ASSETS = "config/config.yaml", "config/sample.yaml", "config/assets.yaml"
SGD = "name: sgd, learning_rate: 0.01"

# file, its text, what a user wrote instead, what the message must say
WRONG = {
    "fraction": (WRITEUP, "batch_size: 8", "batch_size: 8.5", ["runs.cnn.batch_size", "8.5", "a whole number"]),
    "text": (WRITEUP, "batch_size: 8", 'batch_size: "8"', ["runs.cnn.batch_size", "'8'", "a whole number"]),
    "true is no number": (WRITEUP, "epochs: 15", "epochs: true", ["runs.cnn.epochs", "True", "a whole number"]),
    "true is no fraction": (WRITEUP, "rate: 0.01", "rate: true", ["cnn.optimiser.learning_rate", "True", "a number"]),
    "not a number": (WRITEUP, "rate: 0.01", "rate: .nan", [", line ", ".nan", "a finite number"]),
    "infinity": (WRITEUP, "rate: 0.01", "rate: .inf", [", line ", ".inf", "a finite number"]),
    "no whole number of a computer": (WRITEUP, "batch_size: 8", "batch_size: 9223372036854775808", [", line ", "2^63"]),
    "the same with a point": (WRITEUP, "hidden: [200]", "hidden: [1.0e+30]", [", line ", "1.0e+30", "below 2^63"]),
    "hundreds of digits": (WRITEUP, "rate: 0.01", "rate: 1" + 400 * "0", [", line ", "found 1000", "below 2^63"]),
    "thousands of digits": (CONFIG, "global_seed: 2021", "global_seed: " + 5000 * "1", [", line ", "below 2^63"]),
    "too large for a number": (WRITEUP, "rate: 0.01", "rate: 1.0e999", [", line ", "1.0e999", "a finite number"]),
    "octal": (WRITEUP, "batch_size: 8", "batch_size: 010", [", line ", "found 010", "without leading zeros"]),
    "octal with a sign": (WRITEUP, "hidden: [200]", "hidden: [+0200]", [", line ", "found +0200", "leading zeros"]),
    "minutes": (WRITEUP, "epochs: 15", "epochs: 1:30", [", line ", "found 1:30", "colons"]),
    "minutes and a fraction": (WRITEUP, "rate: 0.01", "rate: 1:30.5", [", line ", "found 1:30.5", "colons"]),
    "seed of minutes": (SAMPLE, "seeds: [0]", "seeds: [1:30:00]", [", line ", "found 1:30:00", "colons"]),
    "a day": (WRITEUP, "epochs: 15", "epochs: 2021-01-05", ["runs.cnn.epochs", "'2021-01-05'", "a whole number"]),
    "no epochs": (WRITEUP, "epochs: 15", "epochs: 0", ["runs.cnn.epochs", "at least 1"]),
    "empty batches": (WRITEUP, "batch_size: 8", "batch_size: 0", ["runs.cnn.batch_size", "at least 1"]),
    "seed below 0": (WRITEUP, "seeds: [0, 1, 2]", "seeds: [0, -1]", ["runs.cnn.seeds[1]", "-1", "at least 0"]),
    "seed that is true": (SAMPLE, "seeds: [0]", "seeds: [true]", ["seeds[0]", "True", "a whole number"]),
    "same seed with a point": (WRITEUP, "seeds: [0, 1, 2]", "seeds: [1, 1.0]", ["runs.cnn.seeds", "only once"]),
    "global seed": (CONFIG, "global_seed: 2021", "global_seed: 0.5", ["global_seed", "0.5", "a whole number"]),
    "threads": (CONFIG, "threads: auto", "threads: 1.5", ["threads", "1.5", "auto or a whole number"]),
    "learning rate zero": (WRITEUP, "rate: 0.01", "rate: 0", ["runs.cnn.optimiser.learning_rate", "more than 0"]),
    "momentum of all": (WRITEUP, SGD, f"{SGD}, momentum: 1", ["runs.cnn.optimiser.momentum", "less than 1"]),
    "dampening": (WRITEUP, SGD, f"{SGD}, momentum: 0.9, dampening: 2", ["runs.cnn.optimiser.dampening", "at most 1"]),
    "weight decay": (WRITEUP, SGD, f"{SGD}, weight_decay: -1", ["runs.cnn.optimiser.weight_decay", "at least 0"]),
    "nesterov": (WRITEUP, SGD, f"{SGD}, nesterov: true", ["runs.cnn.optimiser.nesterov", "a momentum above 0"]),
    "nesterov, damped": (
        WRITEUP,
        SGD,
        f"{SGD}, momentum: 0.9, dampening: 0.5, nesterov: true",
        ["runs.cnn.optimiser.nesterov", "no dampening"],
    ),
    "probability": (PICTURES, "flip: 0.5", "flip: 1.5", ["runs.cifar.data.augment.flip", "at most 1"]),
    "dropout below 0": (WRITEUP, "dropout: 0.4", "dropout: -1", ["cnn.model.dropout", "-1", "from 0 and below 1"]),
    "dropout of all": (WRITEUP, "dropout: 0.4", "dropout: 1", ["cnn.model.dropout", "from 0 and below 1"]),
    "dropout in a sweep": (WRITEUP, "0.5, 0.8]", "0.5, 1.8]", ["sweeps.dropout.over.model.dropout", "1.8", "from 0"]),
    "layer of no units": (WRITEUP, "hidden: [200]", "hidden: [0]", ["hidden", "[0]", "a whole number from 1"]),
    "half a unit": (WRITEUP, "hidden: [200]", "hidden: [2.5]", ["hidden", "[2.5]", "a whole number from 1"]),
    "range with two ends": (PICTURES, "first_kernel: 5", "first_kernel: 6", ["first_kernel", "from 1 to 5"]),
    "described model": (WRITEUP, "filters: 8", "filters: -8", ["models.single-conv.filters", "-8", "from 1"]),
    "option of an artefact": (NUMPY, "points: 241", "points: 1", ["activations.options.points", "from 2"]),
    "list in options": (NUMPY, "iterations: [0, 100", "iterations: [0, 500", ["iterations", "and below 500"]),
    "pair in options": (NUMPY, "[28.18, 0.96]", "[28.18, 96]", ["training-log.options.published", "from 0 to 1"]),
    "option of a data set": (ASSETS, "validation: 10000}", "validation: 0}", ["options.validation", "from 1"]),
    "text for such an option": (ASSETS, "validation: 10000}", 'validation: "9"}', ["options.validation", "'9'"]),
    "option of a sample": (ASSETS, "{train: 2800", "{train: true", ["fashion-mnist.sample.train", "True", "from 1"]),
    "number for a text": (ASSETS, "[DEEP LEARNING,", "[1234567890,", ["photographs.options.truth", "a text"]),
    "size of a file": (ASSETS, "bytes: 26421880", "bytes: 0.5", ["fashion-mnist-train-images.bytes", "0.5"]),
}

# file, its text, and the same with a point
POINTED = [
    (WRITEUP, "batch_size: 8", "batch_size: 8.0"),
    (WRITEUP, "seeds: [0, 1, 2]", "seeds: [0.0, 1.0, 2.0]"),
    (WRITEUP, "epochs: 15", "epochs: 1.5e+1"),
    (WRITEUP, "sample: {epochs: 3, b", "sample: {epochs: 3.0, b"),
    (WRITEUP, "hidden: [200]", "hidden: [200.0]"),
    (WRITEUP, "filters: 8", "filters: 8.0"),
    (WRITEUP, "draws: 200", "draws: 200.0"),
    (OCR, "{model.convolutions: [3,", "{model.convolutions: [3.0,"),
    (NUMPY, "iterations: [0, 100", "iterations: [0.0, 100.0"),
    (CONFIG, "global_seed: 2021", "global_seed: 2021.0"),
    (SAMPLE, "seeds: [0]", "seeds: [0.0]"),
    (ASSETS, "validation: 10000}", "validation: 10000.0}"),
    (ASSETS, "{train: 2800", "{train: 2800.0"),
    (ASSETS, "bytes: 26421880", "bytes: 26421880.0"),
]


@pytest.fixture
def root(tmp_path):
    """Return a folder with a copy of the project's configuration."""
    return copy_config(tmp_path)


def everything(catalogue):
    """Return all settings in the configuration as text."""
    lines = [repr(catalogue.config), repr(catalogue.sample_config), repr(dict(catalogue.assets))]
    lines += [repr(catalogue.model(*model)) for model in catalogue.model_ids()]
    for edition in EDITIONS:
        lines += [catalogue.run(edition, *run).to_json() for run in catalogue.run_ids(edition)]
        lines += [catalogue.artefact(edition, name).to_json() for name in catalogue.artefact_ids()]
        lines += [catalogue.dataset(edition, name).to_json() for name in catalogue.dataset_names()]
    return lines


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_number_is_explained(root, case):
    file, old, new, expected = WRONG[case]
    change(root, file, old, new)
    message = refusal(root)
    assert message.startswith(file), message
    for part in expected:
        assert part in message, message


def test_whole_numbers_may_have_a_point(root):
    """Nothing at all differs, not even the name that a sweep gives to a run."""
    plain = everything(load_catalogue(root))
    for file, old, new in POINTED:
        change(root, file, old, new)
    assert everything(load_catalogue(root)) == plain


def test_whole_numbers_of_the_command_line_may_have_a_point():
    """In both editions, of which the sample applies the command line once more."""
    plain, pointed = (
        load_catalogue(ROOT, {"global_seed": number(7), "seeds": [number(3), number(4)], "threads": number(2)})
        for number in (int, float)
    )
    assert everything(pointed) == everything(plain)
    assert plain.sample_config.seeds == (3, 4)


@pytest.mark.parametrize(
    "overrides", [{"global_seed": 0.5}, {"global_seed": True}, {"global_seed": float("nan")}, {"seeds": ["a"]}]
)
def test_other_numbers_of_the_command_line_are_refused(overrides):
    with pytest.raises(ConfigError, match=r"^config/config.yaml with --config: key (global_seed|seeds\[0\]): found "):
        load_catalogue(ROOT, overrides)


def test_exponents_without_a_point_are_numbers(root):
    change(root, WRITEUP, "rate: 0.01", "rate: 1e-2")
    assert load_catalogue(root).run("full", "fashion-captions", "cnn", 0).optimiser.learning_rate == 0.01


def test_every_number_in_a_signature_has_a_range():
    """What takes numbers from the configuration says which make sense."""
    catalogue = load_catalogue(ROOT)
    made = [name for name in catalogue.artefact_ids() if catalogue.artefact("full", name).not_run is None]
    signatures = {f"model {name}": build_parameters(name) for name in families()}
    signatures |= {f"task {name}": function_parameters(TASKS / f"{name}.py", "build") for name in task_names()}
    signatures |= {f"data set {name}": dataset_options(name) for name in catalogue.dataset_names()}
    for name in made:
        writeup, _, artefact = name.partition("/")
        function = catalogue.artefact("full", name).function.rpartition(".")[2]
        signatures[name] = artefact_function(writeup, artefact, function, name).options
    assert len(signatures) > 100
    for owner, parameters in signatures.items():
        for parameter in (parameters or {}).values():
            assert not bare_numbers(ast.parse(parameter.annotation, mode="eval").body), (owner, parameter)


def bare_numbers(node):
    """Return whether a hint has an ``int`` or a ``float`` without a range."""
    if isinstance(node, ast.Name):
        return node.id in ("int", "float")
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Annotated":
        return False
    return any(map(bare_numbers, ast.iter_child_nodes(node)))
