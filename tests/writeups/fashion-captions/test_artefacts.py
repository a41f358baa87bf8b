"""Artefacts of fashion-captions, made from made-up results and checked against plain computations."""

from dataclasses import replace

import pytest
from fabricated import Artefacts
from rework import paths
from rework.artefacts.fashion_captions.parameter_counts import parameters_by_formula
from rework.errors import ConfigError, DataError
from rework.files import read_json
from rework.recorded import read_record, write_record

WRITEUP = "fashion-captions"
ACCURACIES = ("dropout-table", "learning-rate-table", "ffn-comparison")


@pytest.mark.parametrize("name", ACCURACIES)
def test_an_accuracy_is_the_mean_of_the_runs_metrics(artefacts, name):
    settings = artefacts.settings(name)
    for value in artefacts.make(name)["values"]:
        run = next(run for run in settings.runs if run.run == value["key"])
        metrics = [read_json(artefacts.run_dir(run.run, seed) / "metrics.json") for seed in run.seeds]
        found = [content["metrics"]["test_accuracy"]["value"] for content in metrics]
        assert value["reproduced"]["mean"] == pytest.approx(sum(found) / len(found))
        assert value["reproduced"]["interval"] == ("t" if len(found) > 1 else "none")
        assert value["published"] == {p.key: p.value for p in settings.published}[run.run]


def test_theory_is_exact_and_needs_no_data(artefacts):
    for name in ("cnn-parameters", "ffn-parameters", "attention-rank", "attention-two-heads", "cnn-organisation"):
        sidecar = artefacts.make(name)
        assert sidecar["verdict"] == "exact", name
        assert sidecar["data"] == []


def test_claims_are_checked_over_the_seeds_there_are(artefacts):
    claims = artefacts.make("claims")["claims"]
    assert [claim["id"] for claim in claims] == [claim.id for claim in artefacts.settings("claims").claims]
    assert {claim["result"] for claim in claims} <= {"holds", "does not hold", "undecided"}


def test_sample_data_are_not_comparable(tmp_path):
    sample = Artefacts.made_up(WRITEUP, tmp_path, "sample")
    sidecar = sample.make("dropout-table")
    assert sidecar["verdict"] == "not comparable"
    assert sidecar["data"][0]["sample"]
    assert {claim["result"] for claim in sample.make("claims")["claims"]} == {"not comparable"}


@pytest.mark.parametrize("comparable", [True, False])
def test_a_substitute_is_named_and_compared_only_if_declared(tmp_path, comparable):
    artefacts = Artefacts.made_up(WRITEUP, tmp_path)
    path = paths.dataset_dir(tmp_path, "fashion-mnist") / "dataset.json"
    asset = {
        "id": "raw",
        "file": "raw.gz",
        "sha256": "0" * 64,
        "substitute": "Something like it.",
        "comparable": comparable,
    }
    write_record(path, {**read_record(path), "assets": [asset]})
    sidecar = artefacts.make("dropout-table")
    assert sidecar["data"][0]["substitutes"] == ["Something like it."]
    assert (sidecar["verdict"] == "not comparable") is not comparable


def test_a_missing_function_is_an_error(artefacts):
    home = "rework.artefacts.recipes.claims"
    with pytest.raises(ConfigError, match=f"fashion-captions/claims: {home} has no function no_such_thing"):
        artefacts.build(replace(artefacts.settings("claims"), function=f"{home}.no_such_thing"))


def test_a_missing_result_is_named(tmp_path):
    with pytest.raises(DataError, match=r"single-conv\.json: no such file"):
        Artefacts(WRITEUP, tmp_path).make("cnn-parameters")


def test_a_module_that_contradicts_the_formula_is_not_shown(tmp_path):
    artefacts = Artefacts.made_up(WRITEUP, tmp_path)
    path = paths.model_description(tmp_path, "fashion-captions", "single-conv")
    content = read_record(path)
    content["layers"][0]["parameters"] += 1
    write_record(path, content)
    with pytest.raises(DataError, match="608 parameters by formula, 609 in the module"):
        artefacts.make("cnn-parameters")


def test_formulas_by_hand():
    layer = {"type": "Linear", "input_shape": [2352], "output_shape": [100]}
    assert parameters_by_formula(layer) == (235300, "100 · (2352 + 1)")
