"""The project's own catalogue: what it declares, and that it fits the code it names."""

import csv
import hashlib
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
import yaml
from rework.catalogue.artefact_functions import RECIPES, artefact_makers
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.config import EDITIONS
from rework.catalogue.declarations import DECLARED_KEYS, declaration, task_names
from rework.catalogue.signatures import build_parameters, families
from rework.catalogue.validation import schema
from rework.engines.families import is_engine

ROOT = Path(__file__).resolve().parents[3]
IDS = {
    row["id"]: row["kind"]
    for row in csv.DictReader((ROOT / "tests/data/artefact_ids.csv").read_text(encoding="utf-8").splitlines())
}
WITH_PLOTS = {"course-notes/perceptron-logic"}
CAPTIONS = {
    *("lstm-loss", "lstm-bleu", "lstm-test-bleu", "attention-loss", "attention-bleu", "attention-test-bleu"),
    *("caption-219", "caption-357", "caption-540", "caption-failures", "caption-scores", "attention-shapes"),
}


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue(ROOT)


def of_the_contract(catalogue):
    return [name for name in catalogue.artefact_ids() if not catalogue.artefact("full", name).beyond]


def test_every_artefact_of_the_contract_is_declared_with_its_kind(catalogue):
    assert len(IDS) == 139
    assert set(of_the_contract(catalogue)) == set(IDS)
    kinds = {name: catalogue.artefact("full", name).kind for name in IDS}
    # A figure can have a table below it, so a table of the contract that asks for plots, too, is a figure here.
    assert {name: kind for name, kind in kinds.items() if kind != IDS[name]} == dict.fromkeys(WITH_PLOTS, "figure")


def test_artefacts_follow_the_order_of_the_contract_within_each_writeup(catalogue):
    assert list(catalogue.writeups) == ["ocr", "fashion-captions", "mnist-cifar", "nist36", "course-notes"]
    assert of_the_contract(catalogue) == list(IDS)


def test_every_artefact_says_what_it_is_and_why_it_is_not_run(catalogue):
    for name in catalogue.artefact_ids():
        artefact = catalogue.artefact("full", name)
        assert artefact.label
        assert len(artefact.what) > 10
        assert artefact.not_run is None or artefact.not_run.endswith("."), name


def test_without_pictures_of_sydney_only_captioning_is_missing_from_fashion_captions(catalogue):
    missing = {
        name.partition("/")[2]
        for name in catalogue.artefact_ids("fashion-captions")
        if catalogue.artefact("full", name).not_run
    }
    assert missing == CAPTIONS


def test_every_published_value_has_a_tolerance_and_percentages_are_fractions(catalogue):
    values = [value for name in catalogue.artefact_ids() for value in catalogue.artefact("full", name).published]
    assert len(values) > 100
    for value in values:
        assert value.tolerance >= 0
        if value.unit == "%":
            assert 0 <= value.value <= 1


def test_a_published_value_stands_in_the_published_text_where_there_is_one(catalogue):
    """A typo in one of the two shows as a number that the other does not have."""
    for name in catalogue.artefact_ids():
        artefact = catalogue.artefact("full", name)
        if not re.search(r"\d", artefact.published_text) or name.endswith(("imagenet-table", "accuracy-panels")):
            continue
        stated = [float(number) for number in re.findall(r"\d+(?:\.\d+)?(?:e-?\d+)?", artefact.published_text)]
        for value in artefact.published:
            candidates = [value.value, value.value * 100]
            assert any(abs(number - one) < 5e-3 * max(one, 1e-9) for number in stated for one in candidates) or (
                value.value == 0
            ), (name, value)


def test_seeds_of_the_best_run_and_of_the_sweeps(catalogue):
    runs = catalogue.run_ids("full", "fashion-captions")
    assert [seed for _, run, seed in runs if run == "cnn"] == [0, 1, 2]
    assert [seed for _, run, seed in runs if run.startswith(("cnn-dropout", "cnn-lr"))] == [0, 1, 2] * 5


def test_the_sample_trains_every_run_for_less(catalogue):
    whole = load_catalogue(ROOT, {"without": []})
    full, sample = (dict.fromkeys(run[:2] for run in whole.run_ids(edition)) for edition in EDITIONS)
    assert full == sample
    assert len(catalogue.run_ids("sample")) == len(sample)
    assert whole.run_ids("sample") == catalogue.run_ids("sample")
    for writeup, run in full:
        assert catalogue.run("sample", writeup, run, 0).epochs <= catalogue.run("full", writeup, run, 0).epochs
        assert catalogue.dataset("sample", catalogue.run("sample", writeup, run, 0).data.dataset).sample


def test_sweeps_change_only_what_they_say(catalogue):
    base = json.loads(catalogue.run("full", "fashion-captions", "cnn", 0).to_json())
    swept = json.loads(catalogue.run("full", "fashion-captions", "cnn-dropout-0.3", 0).to_json())
    assert swept["model"]["parameters"].pop("dropout") == 0.3
    assert base["model"]["parameters"].pop("dropout") == 0.4
    assert swept.pop("run") == "cnn-dropout-0.3"
    assert base.pop("run") == "cnn"
    assert swept == base


def test_settings_survive_json(catalogue):
    """Exactly: a whole number for a float field would be different text in the step and in the rule."""
    found = list(catalogue.assets.values())
    for edition in EDITIONS:
        found += [catalogue.run(edition, *run) for run in catalogue.run_ids(edition)]
        found += [catalogue.artefact(edition, name) for name in catalogue.artefact_ids()]
        found += [catalogue.dataset(edition, name) for name in catalogue.dataset_names()]
    for settings in found:
        again = type(settings).from_json(json.loads(settings.to_json()))
        assert (again, again.to_json()) == (settings, settings.to_json())


def test_the_table_of_the_readme_has_the_file_of_each_writeup(catalogue):
    readme = (ROOT / "README.md").read_text()
    for writeup in catalogue.writeups.values():
        assert f"| `{writeup.id}` | `{writeup.file}` |" in readme


def test_every_run_says_where_its_settings_are_known_from(catalogue):
    (reference,) = catalogue.artefact("full", "fashion-captions/best-loss").runs
    assert (reference.run, reference.dataset, reference.seeds, reference.epochs) == (
        "cnn",
        "fashion-mnist",
        (0, 1, 2),
        15,
    )
    assert catalogue.sources("fashion-captions", "cnn") == {
        **dict.fromkeys(["data.hold_out", "data.hold_out_seed", "batch_size", "loss"], "course"),
        **dict.fromkeys(["optimiser.momentum", "optimiser.weight_decay"], "course"),
        "data.normalise": "assumed",
        "fashion-mnist: validation": "assumed",
    }
    assert catalogue.sources("ocr", "cnn-2") == {"optimiser.weight_decay": "code"}
    assert "Adam at 0.001" in catalogue.tried("mnist-cifar", "cifar")["optimiser"]


def test_the_sample_edition_names_what_it_changes(catalogue):
    assert catalogue.sampled("ocr", "cnn-4") == {"seeds", "epochs", "ocr-letters: words"}
    assert {"optimiser.learning_rate", "probe.every", "mnist: train"} <= catalogue.sampled("mnist-cifar", "mnist")


def test_options_of_the_sample_override_the_others(catalogue):
    full, sample = (catalogue.artefact(edition, "course-notes/cpp-inference").options for edition in EDITIONS)
    assert full["ways"] == ("torchscript", "aotinductor")
    assert sample == {**full, "ways": ("torchscript",)}


def test_only_artefacts_without_data_are_comparable_in_the_sample(catalogue):
    comparable = {
        name.partition("/")[2]
        for name in catalogue.artefact_ids("fashion-captions")
        if catalogue.artefact("sample", name).comparable and not catalogue.artefact("sample", name).not_run
    }
    assert comparable == {
        *("cnn-organisation", "cnn-parameters", "ffn-organisation", "ffn-parameters"),
        *("attention-rank", "attention-two-heads"),
    }
    assert all(catalogue.artefact("full", name).comparable for name in catalogue.artefact_ids())


def test_the_catalogue_imports_neither_torch_nor_numpy():
    words = "import sys, pathlib; from rework.catalogue.catalogue import load_catalogue;"
    words += "load_catalogue(pathlib.Path(sys.argv[1]));"
    words += "print(sorted({'torch', 'numpy', 'jsonschema'} & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", words, str(ROOT)],
        env={"PYTHONPATH": str(ROOT / "workflow")},
        capture_output=True,
        text=True,
    )
    assert found.stdout.strip() == "[]", found.stderr


@pytest.mark.slow
def test_every_model_of_the_catalogue_can_be_built_and_captured(catalogue):
    from rework.models.building import build_model

    for writeup, model in catalogue.model_ids():
        assert build_model(catalogue.model(writeup, model)).input_shape
    for run in catalogue.run_ids("full"):
        settings = catalogue.run("full", *run)
        if catalogue.is_engine(settings.id):
            continue
        # Some get the number of classes from their data set.
        names = {name for name, _ in build_model(settings.model, range(4)).named_modules()}
        assert set(settings.capture.layers) <= names


def test_signatures_by_syntax_are_the_signatures_of_the_modules():
    import inspect

    assert {"fashion-cnn", "feedforward", "single-conv-cnn"} <= set(families())
    for family in families():
        module, engine = family.replace("-", "_"), is_engine(family)
        package, name = ("rework.engines", "fit") if engine else ("rework.models", "build")
        parameters = inspect.signature(getattr(importlib.import_module(f"{package}.{module}"), name)).parameters
        expected = {key for key, found in parameters.items() if found.kind is inspect.Parameter.KEYWORD_ONLY}
        assert set(build_parameters(family)) == expected
        assert engine or len(expected) == len(parameters)


def test_declarations_by_syntax_are_the_constants_of_the_modules():
    import inspect

    runs = [{"model": {"name": family}} for family in families() if is_engine(family)]
    runs += [{"model": {"name": "feedforward"}, "task": name} for name in task_names()]
    assert {"classification", "words"} <= set(task_names())
    for run in runs:
        found = declaration(run)
        name = run.get("task", run["model"]["name"]).replace("-", "_")
        module = importlib.import_module(f"rework.{'training.tasks' if 'task' in run else 'engines'}.{name}")
        for constant in ("layouts", "needs", "options", "losses", "history", "probes", "item", "headline"):
            assert getattr(found, constant) == getattr(module, constant.upper()), (name, constant)
        assert {key: (metric.unit, metric.better) for key, metric in found.metrics.items()} == module.METRICS
        assert {metric.better for metric in found.metrics.values()} <= {"higher", "lower", "neither"}
        for layout in found.layouts:
            assert set(found.measured(layout)) == {*module.METRICS, *module.LAYOUT_METRICS.get(layout, {})}
        assert found.headline in found.metrics
        if "task" in run:
            (task,) = (
                kind
                for kind in vars(module).values()
                if inspect.isclass(kind) and kind.__module__ == module.__name__ and hasattr(kind, "end_epoch")
            )
            assert (task.history, task.probes) == (module.HISTORY, module.PROBES)
        assert set(found.needs) | set(found.options) <= set(DECLARED_KEYS)


def test_names_in_the_schema_are_those_of_the_training():
    from rework.models import letter_bilstm
    from rework.settings.run import OPTIMISER_OPTIONS, OptimiserSettings
    from rework.training.optimisers import OPTIMISERS
    from rework.training.tasks import words

    run = schema("writeup")["$defs"]["run"]["properties"]
    assert set(words.LOSSES) == {letter_bilstm.build(crf=crf).loss_name for crf in (False, True)}
    optimiser = dict(run["optimiser"]["properties"])
    assert set(optimiser.pop("name")["enum"]) == set(OPTIMISERS) == set(OPTIMISER_OPTIONS)
    options = {option for options in OPTIMISER_OPTIONS.values() for option in options}
    assert set(optimiser) == options | {"learning_rate", "schedule", "clip"}
    assert set(optimiser["schedule"]["enum"]) == set(get_args(get_type_hints(OptimiserSettings)["schedule"]))


def test_fashion_mnist_is_the_one_that_torchvision_names(catalogue):
    from torchvision.datasets import FashionMNIST

    assets = catalogue.dataset("full", "fashion-mnist").assets
    assert [Path(asset.file).name for asset in assets] == [name for name, _ in FashionMNIST.resources]
    for asset in assets:
        assert asset.urls[0] == FashionMNIST.mirrors[0] + Path(asset.file).name
        assert len(asset.urls) > 1


@pytest.mark.real_data
def test_checksums_are_those_of_the_files_whose_md5_torchvision_names(catalogue, real_data):
    from torchvision.datasets import FashionMNIST

    for asset in catalogue.dataset("full", "fashion-mnist").assets:
        content = (real_data / asset.file).read_bytes()
        assert (
            hashlib.md5(content, usedforsecurity=False).hexdigest()
            == dict(FashionMNIST.resources)[Path(asset.file).name]
        )
        assert hashlib.sha256(content).hexdigest() == asset.sha256
        assert len(content) == asset.bytes


def _keys(rules, path=""):
    """Yield the dotted keys that a schema declares; <name> stands for a name that the user gives."""
    if "$ref" in rules:
        return
    for key, inner in rules.get("properties", {}).items():
        yield f"{path}{key}"
        yield from _keys(inner, f"{path}{key}.")
    inner = rules.get("additionalProperties")
    if isinstance(inner, dict):
        yield from _keys(inner, f"{path}<name>.")
    if "items" in rules:
        yield from _keys(rules["items"], path)


SECTIONS = {
    "config": "config.yaml",
    "sample": "sample.yaml",
    "assets": "assets.yaml",
    "substitutes": "Overlay files of substitutes",
    "writeup": r"writeups/\<id\>.yaml",
}


def _documented(title):
    """Return the keys in the tables of one section of the documentation."""
    sections = re.split(r"^## ", (ROOT / "config/README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    (section,) = (section for section in sections if section.startswith(f"{title}\n"))
    keys = section.partition("### Licences and citations")[0]
    return re.findall(r"^\| `([^`]+)`", keys, flags=re.MULTILINE)


@pytest.mark.parametrize("name", SECTIONS)
def test_the_documented_keys_are_those_of_the_schema(name):
    rules = schema(name)
    declared = list(_keys(rules))
    for part, inner in rules.get("$defs", {}).items():
        declared += _keys(inner, f"{part}.")
    assert sorted(_documented(SECTIONS[name])) == sorted(declared)


def test_every_recipe_is_documented():
    text = (ROOT / "config/README.md").read_text(encoding="utf-8")
    table = text.partition("\n| recipe |")[2].partition("\n\n")[0]
    named = re.findall(r"`([\w-]+)`", " ".join(re.findall(r"^\| (`.*?) \|", table, flags=re.MULTILINE)))
    assert sorted(named) == sorted(name.replace("_", "-") for name in artefact_makers(RECIPES))


def test_every_asset_is_documented_with_licence_and_citation(catalogue):
    text = " ".join((ROOT / "config/README.md").read_text(encoding="utf-8").split())
    for asset in catalogue.assets.values():
        assert f"`{asset.id}`" in text
        assert asset.licence in text
        assert asset.citation in text


def test_every_key_of_config_is_commented():
    text = (ROOT / "config/config.yaml").read_text(encoding="utf-8")
    for key in yaml.safe_load(text):
        before = text[: text.index(f"\n{key}:")].rpartition("\n\n")[2]
        assert before.startswith("# "), key


def test_schemas_hold_no_word_that_no_validator_knows():
    """A comma in an unquoted description makes a key of the rest of the sentence."""
    known = {
        *("type", "additionalProperties", "required", "properties", "description", "enum", "const", "items", "oneOf"),
        *(
            "minLength",
            "minItems",
            "maxItems",
            "uniqueItems",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
        ),
        *("$ref", "$defs", "pattern", "minProperties"),
    }

    def words(rules):
        yield from rules
        for key in ("properties", "$defs"):
            for inner in rules.get(key, {}).values():
                yield from words(inner)
        for inner in (rules.get("additionalProperties"), rules.get("items"), *rules.get("oneOf", [])):
            if isinstance(inner, dict):
                yield from words(inner)

    for path in (ROOT / "workflow/schemas").glob("*.yaml"):
        assert set(words(yaml.safe_load(path.read_text(encoding="utf-8")))) <= known, path.name
