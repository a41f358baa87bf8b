"""Every artefact of fashion-captions, made from made-up results."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from artefact_checks import check_made, reported
from fabricated import fabricate
from rework import paths
from rework.artefacts import fashion_captions
from rework.artefacts.fashion_captions.parameter_counts import output_size, parameters_by_formula
from rework.artefacts.make import build_artefact
from rework.catalogue.catalogue import load_catalogue
from rework.errors import ConfigError, DataError
from rework.files import read_json, write_json
from workflow_copy import REPOSITORY

CATALOGUE = load_catalogue(REPOSITORY)
BUILT = [
    name for name in CATALOGUE.artefact_ids("fashion-captions") if CATALOGUE.artefact("full", name).not_run is None
]
ACCURACIES = ("dropout-table", "learning-rate-table", "ffn-comparison")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results") / "full"
    fabricate(folder, CATALOGUE, "full")
    return folder


def settings_of(name):
    return CATALOGUE.artefact("full", f"fashion-captions/{name}")


def make(results, settings):
    return reported(settings, results)


def test_each_declared_artefact_has_a_function_and_no_other_is_exported():
    names = {name.partition("/")[2].replace("-", "_") for name in BUILT}
    assert names == set(fashion_captions.__all__)


@pytest.mark.parametrize("artefact", BUILT)
def test_it_is_made_with_everything_that_the_report_reads(results, artefact):
    check_made(results, CATALOGUE.artefact("full", artefact))


@pytest.mark.parametrize("name", ACCURACIES)
def test_an_accuracy_is_the_mean_of_the_runs_metrics(results, name):
    settings = settings_of(name)
    for value in make(results, settings)["values"]:
        run = next(run for run in settings.runs if run.run == value["key"])
        metrics = [
            read_json(paths.run_dir(results, "fashion-captions", run.run, seed) / "metrics.json") for seed in run.seeds
        ]
        found = [content["metrics"]["test_accuracy"]["value"] for content in metrics]
        assert value["reproduced"]["mean"] == pytest.approx(sum(found) / len(found))
        assert value["reproduced"]["interval"] == ("t" if len(found) > 1 else "binomial")
        assert value["published"] == {p.key: p.value for p in settings.published}[run.run]


def test_theory_is_reproduced_without_data(results):
    for name in ("cnn-parameters", "ffn-parameters", "attention-rank", "attention-two-heads", "cnn-organisation"):
        sidecar = make(results, settings_of(name))
        assert sidecar["verdict"] == "reproduced", name
        assert sidecar["data"] == []


def test_claims_are_checked_over_the_seeds_there_are(results):
    claims = make(results, settings_of("claims"))["claims"]
    assert [claim["id"] for claim in claims] == [claim.id for claim in settings_of("claims").claims]
    assert {claim["result"] for claim in claims} <= {"holds", "does not hold", "undecided", "not run"}
    assert next(claim for claim in claims if claim["id"] == "attention-adds-little")["result"] == "not run"


def test_sample_data_are_not_comparable(tmp_path):
    fabricate(tmp_path, CATALOGUE, "sample")
    sidecar = make(tmp_path, CATALOGUE.artefact("sample", "fashion-captions/dropout-table"))
    assert sidecar["verdict"] == "not comparable"
    assert sidecar["data"][0]["sample"]
    results = {
        claim["result"] for claim in make(tmp_path, CATALOGUE.artefact("sample", "fashion-captions/claims"))["claims"]
    }
    assert results == {"not comparable", "not run"}


@pytest.mark.parametrize("comparable", [True, False])
def test_a_substitute_is_named_and_compared_only_if_declared(tmp_path, comparable):
    fabricate(tmp_path, CATALOGUE, "full")
    path = paths.dataset_dir(tmp_path, "fashion-mnist") / "dataset.json"
    asset = {
        "id": "raw",
        "file": "raw.gz",
        "sha256": "0" * 64,
        "substitute": "Something like it.",
        "comparable": comparable,
    }
    write_json(path, {**read_json(path), "assets": [asset]})
    sidecar = make(tmp_path, settings_of("dropout-table"))
    assert sidecar["data"][0]["substitutes"] == ["Something like it."]
    assert (sidecar["verdict"] == "not comparable") is not comparable


def test_a_missing_function_is_an_error(results):
    with pytest.raises(ConfigError, match="no function no_such_thing"):
        build_artefact(replace(settings_of("claims"), id="fashion-captions/no-such-thing"), results)


def test_a_missing_result_is_named(tmp_path):
    with pytest.raises(DataError, match=r"single-conv\.json: no such file"):
        build_artefact(settings_of("cnn-parameters"), tmp_path)


def test_a_module_that_contradicts_the_formula_is_not_shown(tmp_path):
    fabricate(tmp_path, CATALOGUE, "full")
    path = paths.model_description(tmp_path, "fashion-captions", "single-conv")
    content = read_json(path)
    content["layers"][0]["parameters"] += 1
    write_json(path, content)
    with pytest.raises(DataError, match="608 parameters by formula, 609 in the module"):
        build_artefact(settings_of("cnn-parameters"), tmp_path)


def test_formulas_by_hand():
    assert output_size(28, 5, 1, 0) == 24
    assert output_size(24, 4, 2, 0) == 11
    assert output_size(28, 3, 1, 1) == 28
    layer = {"type": "Linear", "input_shape": [2352], "output_shape": [100]}
    assert parameters_by_formula(layer) == (235300, "100 · (2352 + 1)")


def test_another_process_makes_the_same_bytes_and_needs_no_torch(results, tmp_path):
    code = (
        "import sys, json; from pathlib import Path; from rework.artefacts.make import build_artefact;"
        "from rework.settings.artefact import ArtefactSettings;"
        "[build_artefact(ArtefactSettings.from_json(json.loads(s)), Path(sys.argv[1])) for s in sys.argv[2:]];"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('torch', 'torchvision')))"
    )
    chosen = [CATALOGUE.artefact("full", name) for name in BUILT]
    before = {}
    for settings in chosen:
        build_artefact(settings, results)
        for suffix in ("json", "csv", "svg"):
            path = paths.artefact_file(results, settings.id, suffix)
            if path.is_file():
                before[path] = path.read_bytes()
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "workflow"), "PYTHONHASHSEED": "5", "TZ": "Asia/Tokyo"}
    command = [sys.executable, "-c", code, str(results), *(settings.to_json() for settings in chosen)]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.replace("'", '"')) == []
    for path, content in before.items():
        assert path.read_bytes() == content, path.name
