"""The configuration against what the library's functions declare: options, metrics, data sets, layers, files."""

import importlib
import inspect
from dataclasses import replace
from types import SimpleNamespace

import pytest
from config_copy import ROOT, change, copy_config, refusal
from rework.artefacts import make as build
from rework.artefacts.measures import declared_measures, measures
from rework.artefacts.needs import declared_needs
from rework.artefacts.result import Measured
from rework.catalogue import artefact_functions
from rework.catalogue.artefact_functions import artefact_function, check_published
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.datasets import dataset_options
from rework.errors import ConfigError
from rework.evaluation.statistics import estimate
from rework.measured_values import Measures
from rework.paths import run_dir
from rework.settings.artefact import PublishedValue
from rework.settings.run import CaptureSettings
from tiny_runs import a_run, run_step, write_tiny_dataset

CATALOGUE = load_catalogue(ROOT, {"without": []})
ARTEFACTS = [CATALOGUE.artefact("full", name) for name in CATALOGUE.artefact_ids()]
WRITEUP, NIST = "config/writeups/fashion-captions.yaml", "config/writeups/nist36.yaml"
ASSETS = "config/assets.yaml"

# file, its text, what a user wrote instead, what the message must say
WRONG = {
    "sample of another model": (
        WRITEUP,
        "    sample: {epochs: 3, batch_size: 8, data: {hold_out: 800}, optimiser: {learning_rate: 0.01}}\n",
        "    sample: {model: {name: fashion-cnn}}\n",
        ["key runs.ffn.sample: expected the model and the task of the run itself"],
    ),
    "metric in options that no run has": (
        "config/writeups/ocr.yaml",
        "metrics: [test_accuracy, test_word_accuracy]",
        "metrics: [test_accuracy, test_wrod_accuracy]",
        [".options.metrics: run 'bilstm': unknown metric 'test_wrod_accuracy'", "'test_word_accuracy'?"],
    ),
    "misspelt option": (
        WRITEUP,
        "options: {draws: 200, sizes",
        "options: {drawz: 200, sizes",
        ["key artefacts.attention-rank.options.drawz: artefact 'attention-rank' has no such option", "'draws'?"],
    ),
    "misspelt option of the sample": (
        "config/writeups/course-notes.yaml",
        "sample: {ways: [torchscript]}",
        "sample: {way: [torchscript]}",
        ["key artefacts.cpp-inference.sample.way: artefact 'cpp-inference' has no such option", "'ways'?"],
    ),
    "unknown way of the sample": (
        "config/writeups/course-notes.yaml",
        "sample: {ways: [torchscript]}",
        "sample: {ways: [onnx]}",
        ["key artefacts.cpp-inference.sample.ways", "'onnx'"],
    ),
    "missing option": (
        WRITEUP,
        "options: {draws: 200, length",
        "options: {length",
        ["artefacts.attention-two-heads.options", "needs the option 'draws' (a whole number from 1 to 1 000 000)"],
    ),
    "type of an option": (
        NIST,
        "scales: [1, 10",
        "scales: [one, 10",
        ["artefacts.softmax-invariance.options.scales", "'one'", "a list, each entry a number"],
    ),
    "option that a recipe does not have": (
        WRITEUP,
        "options: {title: Test accuracy by dropout}",
        "options: {title: Test accuracy by dropout, draws: 3}",
        ["artefacts.dropout-table.options.draws", "expected one of title, examples, metrics"],
    ),
    "published metric of runs": (
        WRITEUP,
        "90.28 %\n      metric: test_accuracy",
        "90.28 %\n      metric: test_acuracy",
        ["key artefacts.dropout-table.published.metric: unknown metric 'test_acuracy'", "'test_accuracy'?"],
    ),
    "published metric of an artefact without runs": (
        WRITEUP,
        "metric: rank_excess",
        "metric: rank_exces",
        ["artefacts.attention-rank.published.metric", "'rank_excess'?"],
    ),
    "published key of an artefact without runs": (
        WRITEUP,
        "values: {convolution: 608",
        "values: {convolutoin: 608",
        ["artefacts.cnn-parameters.published.values", "unknown value 'convolutoin'", "'convolution'?"],
    ),
    "published key that follows from an option": (
        NIST,
        "values: {iteration-0: 59.77",
        "values: {iteration-1: 59.77",
        ["artefacts.toy-training.published.values", "'iteration-1'", "iteration-400", "'iteration-100'?"],
    ),
    "published metric that follows from an option": (
        NIST,
        "metric: train_loss_epoch_98",
        "metric: train_loss_epoch_99",
        ["artefacts.autoencoder-loss.published.metric", "'train_loss_epoch_98'?"],
    ),
    "published metric of a recipe that is given its metrics": (
        NIST,
        "metrics: [train_accuracy, validation_accuracy, test_accuracy]",
        "metrics: [validation_accuracy, test_accuracy]",
        ["artefacts.squeezenet-curves.published.metric", "unknown metric 'train_accuracy'", "test_accuracy"],
    ),
    "label of no published value": (
        WRITEUP,
        "labels: {epoch-1: after",
        "labels: {epoch-11: after",
        ["artefacts.lstm-bleu.published.labels", "'epoch-1'?"],
    ),
    "metric of a claim": (
        WRITEUP,
        "of the four.\n    metric: test_accuracy",
        "of the four.\n    metric: test_acuracy",
        ["key claims[0].metric: run 'cnn'", "unknown metric 'test_acuracy'", "'test_accuracy'?"],
    ),
    "word metric of a claim about single examples": (
        WRITEUP,
        "of the four.\n    metric: test_accuracy",
        "of the four.\n    metric: test_word_accuracy",
        ["claims[0].metric", "'test_word_accuracy'"],
    ),
    "metric that an engine does not measure": (
        NIST,
        "bag of visual words.\n    metric: test_accuracy",
        "bag of visual words.\n    metric: train_accuracy",
        ["claims[3].metric: run 'bag-of-words'", "test_accuracy, validation_accuracy"],
    ),
    "run of a claim that its artefact does not have": (
        NIST,
        "[scratch, scratch-lr-0.01, scratch-lr-0.0001, mlp, cnn, scene-cnn,",
        "[scratch, scratch-lr-0.01, scratch-lr-0.0001, cnn, scene-cnn,",
        ["key artefacts.claims.runs: claim 'cnn-fits-better' is about run 'mlp'"],
    ),
    "artefact without a function": (
        WRITEUP,
        "\n  features:\n",
        "\n  feature:\n",
        ["key artefacts.feature: ", "make or not_run", "workflow/rework/artefacts/fashion_captions", "'features'?"],
    ),
    "artefact that is not made yet": (
        "config/writeups/course-notes.yaml",
        "    make: char-lm\n",
        "",
        ["make or not_run", "workflow/rework/artefacts/course_notes", "'char-lm'?"],
    ),
    "weights that are no asset": (
        "config/writeups/course-notes.yaml",
        "weights: [udacity-cifar-cnn]",
        "weights: [udacity-cifar-cn]",
        ["key artefacts.layer-activations.weights: unknown asset 'udacity-cifar-cn'", "'udacity-cifar-cnn'?"],
    ),
    "misspelt recipe": (
        WRITEUP,
        "make: kernels",
        "make: kernel",
        ["key artefacts.conv1-kernels.make: unknown function 'kernel'", "attention-rank", "'kernels'?"],
    ),
    "function of another writeup": (
        WRITEUP,
        "make: kernels",
        "make: odd-letters",
        ["key artefacts.conv1-kernels.make: unknown function 'odd-letters'"],
    ),
    "name of a recipe without make": (
        WRITEUP,
        "    make: claims\n",
        "",
        ["key artefacts.claims: say make: claims if this recipe makes it"],
    ),
    "labels of two runs of an artefact": (
        "config/writeups/ocr.yaml",
        "label: CNN+BiLSTM\n",
        "label: BiLSTM\n",
        ["key artefacts.bilstm-crf.runs: 'bilstm' and 'cnn-bilstm' are both labelled 'BiLSTM'", "run_labels"],
    ),
    "label of a run of another artefact": (
        WRITEUP,
        "run_labels: {cnn: dropout 0.4}",
        "run_labels: {ffn: dropout 0.4}",
        ["key artefacts.dropout-table: unknown run 'ffn'", "cnn-dropout-0.3"],
    ),
    "field of a sweep's label": (
        WRITEUP,
        'label: "dropout {model.dropout}"',
        'label: "dropout {model.droput}"',
        ["key sweeps.dropout.label", "unknown key of over 'model.droput'", "'model.dropout'?"],
    ),
    "misspelt option of a data set": (
        ASSETS,
        "options: {validation: 10000}",
        "options: {validatoin: 10000}",
        ["key datasets.fashion-mnist.options.validatoin: data set 'fashion-mnist' has no such", "'validation'?"],
    ),
    "misspelt option of a sample": (ASSETS, "{words: 560}", "{wordz: 1000}", ["ocr-letters.sample", "'words'?"]),
    "assumed option of a data set": (
        ASSETS,
        "assumed: [validation]} # no",
        "assumed: [validatoin]} # no",
        ["fashion-mnist.sources.assumed[0]", "'validation'?"],
    ),
    "data set that no module reads": (
        ASSETS,
        "\n  ocr-letters:\n    layout",
        "\n  ocr-leters:\n    layout",
        ["key datasets.ocr-leters: no module of workflow/rework/datasets", "'ocr-letters'?"],
    ),
}


@pytest.fixture
def root(tmp_path):
    """Return a folder with a copy of the project's configuration."""
    return copy_config(tmp_path)


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_explained(root, case):
    file, old, new, expected = WRONG[case]
    change(root, file, old, new)
    message = refusal(root)
    assert message.startswith(f"{file}: key "), message
    for part in expected:
        assert part in message, message


@pytest.mark.parametrize("name", ["ocr.yml", "ocr.yaml.orig", "notes.txt"])
def test_a_stray_file_beside_the_writeups_is_named(root, name):
    (root / "config/writeups" / name).write_text("id: x\n", encoding="utf-8")
    assert refusal(root).startswith(f"config/writeups/{name}: nothing reads it; expected a file ")


def test_a_folder_beside_the_writeups_is_named_and_hidden_files_are_let_be(root):
    (root / "config/writeups/.ocr.yaml.swp").write_bytes(b"\x00")
    assert load_catalogue(root).artefact_ids() == CATALOGUE.artefact_ids()
    (root / "config/writeups/old.yaml").mkdir()
    assert refusal(root).startswith("config/writeups/old.yaml: nothing reads it")


@pytest.mark.parametrize(
    "settings", [found for found in ARTEFACTS if found.not_run is None], ids=lambda settings: settings.id
)
def test_headers_by_syntax_are_those_of_the_functions(settings):
    function = build.artefact_function(settings)
    read = artefact_function(settings.writeup, settings.name, settings.function.rpartition(".")[2], "here")
    assert read.name == settings.function
    first, *options = inspect.signature(function).parameters.values()
    assert first.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert {option.kind for option in options} <= {inspect.Parameter.KEYWORD_ONLY}
    empty = inspect.Parameter.empty
    defaults = {name: empty if option.required else option.default for name, option in read.options.items()}
    assert defaults == {option.name: option.default for option in options}
    assert read.measures == declared_measures(function)
    assert read.needs == declared_needs(function)


def test_options_of_data_sets_by_syntax_are_those_of_the_modules():
    for name in CATALOGUE.dataset_names():
        module = importlib.import_module(CATALOGUE.dataset("full", name).module)
        assert list(dataset_options(name)) == list(module.OPTIONS)
        if hasattr(module, "PARTS"):
            assert list(module.PARTS.values()) == list(module.OPTIONS)


HEADER = "def {name}(context: ArtefactContext{options}) -> Built:\n    ...\n"


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Return a writeup's folder and that of the recipes, where functions are looked for; both are empty."""
    monkeypatch.setattr(artefact_functions, "_WORKFLOW", tmp_path)
    monkeypatch.setattr(artefact_functions, "_ARTEFACTS", tmp_path / "artefacts")
    monkeypatch.setattr(artefact_functions, "RECIPES", tmp_path / "artefacts" / "recipes")
    for name in ("own", "recipes"):
        (tmp_path / "artefacts" / name).mkdir(parents=True)
    return tmp_path / "artefacts" / "own", tmp_path / "artefacts" / "recipes"


def function_of(artefact, make=None):
    return artefact_function("own", artefact, make, "here").name


def test_the_functions_of_a_writeup_come_before_the_recipes(folders):
    own, recipes = folders
    (own / "one.py").write_text(HEADER.format(name="curves", options=", *, size: int"))
    (recipes / "two.py").write_text(
        HEADER.format(name="curves", options="") + HEADER.format(name="text_table", options="")
    )
    assert function_of("curves") == function_of("other", "curves") == "artefacts.own.one.curves"
    assert function_of("other", "text-table") == "artefacts.recipes.two.text_table"
    with pytest.raises(ConfigError, match=r"^here: say make: text-table if this recipe makes it"):
        function_of("text-table")
    with pytest.raises(ConfigError, match=r"^here: without make or not_run .*artefacts/own: .*'curves'\?"):
        function_of("curve")


def test_a_function_in_two_modules_of_a_folder_is_refused_with_both(folders):
    for name in ("one", "two"):
        (folders[1] / f"{name}.py").write_text(HEADER.format(name="curves", options=""))
    expected = r"^here: curves is a function of workflow/artefacts/recipes/one.py and of workflow/.*/two.py; rename one"
    with pytest.raises(ConfigError, match=expected):
        function_of("curves", "curves")


@pytest.mark.parametrize(
    "header",
    [
        HEADER.format(name="_curves", options=""),
        HEADER.format(name="curves", options=", size: int"),
        "def curves(context: ArtefactContext) -> str:\n    ...\n",
        "def curves() -> Built:\n    ...\n",
        "class Curves:\n    " + HEADER.format(name="curves", options=""),
    ],
    ids=["private", "option without keyword", "another result", "no context", "method"],
)
def test_a_helper_is_no_function_of_artefacts(folders, header):
    (folders[1] / "one.py").write_text(header)
    with pytest.raises(ConfigError, match=r"^here.make: unknown function 'curves'; expected one of none"):
        function_of("x", "curves")


def test_a_header_that_cannot_be_read_is_named(folders):
    (folders[1] / "one.py").write_text("def curves(context: ArtefactContext, *, size: ) -> Built:\n    ...\n")
    with pytest.raises(ConfigError, match=r"^here: the header of curves in .*recipes/one\.py cannot"):
        function_of("x", "curves")


def test_a_default_of_an_option_counts_as_its_value(folders):
    (folders[1] / "one.py").write_text(
        '@measures("{metrics}")\n' + HEADER.format(name="curves", options=", *, metrics: tuple[str, ...] = ('psnr',)")
    )
    function = artefact_function("own", "x", "curves", "here")
    values = (PublishedValue("cnn", "psnr", 15.0, 1.0, "a test"),)
    check_published(values, function, {}, ["cnn"], "here")
    with pytest.raises(ConfigError, match=r"^here.metric: unknown metric 'psnr'; expected one of bleu"):
        check_published(values, function, {"metrics": ["bleu"]}, ["cnn"], "here")


def test_measures_follow_from_options_and_runs():
    found = Measures(("loss_{epoch}",), {"error": ("at-{steps}", "total"), "size": ...})
    keys = found.keys({"epoch": 3, "steps": (1, 20)}, ["a", "b"])
    assert keys == {"loss_3": ("a", "b"), "error": ("at-1", "at-20", "total"), "size": ...}


@pytest.mark.parametrize(("key", "metric"), [("b", "loss"), ("a", "los")])
def test_a_value_that_a_function_does_not_declare_is_refused(key, metric):
    @measures(loss=("a",))
    def function():
        """Measure something else."""

    built = SimpleNamespace(values=(Measured(key, metric, "", estimate([1.0], exact=True)),))
    settings = CATALOGUE.artefact("full", "nist36/activations")
    with pytest.raises(ConfigError, match=f"^nist36/activations: its function measures {metric} of '{key}'"):
        build._check_measured(settings, built, function)


@pytest.mark.slow
def test_layers_to_capture_are_looked_for_before_the_training(tmp_path):
    write_tiny_dataset(tmp_path)
    settings = replace(a_run(epochs=1), capture=CaptureSettings(("blok1.convolution",), (0,)))
    done = run_step("train", settings, tmp_path)
    assert done.returncode == 2
    assert "no layer 'blok1.convolution'; the nearest is 'block1.convolution'" in done.stderr
    assert not run_dir(tmp_path, "tests", "cnn", 0).exists()
