"""Assets that are not available: what needs them is not run, everything else is unchanged."""

from dataclasses import replace
from pathlib import Path

import pytest
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.plan import Plan
from rework.errors import ConfigError
from workflow_copy import REPOSITORY


def runs_of(catalogue, edition="full"):
    return {f"{writeup}/{run}" for writeup, run, _ in catalogue.run_ids(edition)}


@pytest.fixture(scope="module")
def whole():
    return load_catalogue(REPOSITORY, {"without": []})


def test_what_has_no_public_address_is_left_out_unless_somebody_has_it():
    assert set(load_catalogue(REPOSITORY).config.without) == {
        name for name, asset in load_catalogue(REPOSITORY).assets.items() if not asset.urls
    }


def test_runs_and_artefacts_that_need_an_asset_are_not_run(whole):
    catalogue = load_catalogue(REPOSITORY, {"without": ["scenes8"]})
    assert runs_of(whole) - runs_of(catalogue) == {"nist36/scene-cnn", "nist36/bag-of-words"}
    for name in ("scene-curves", "scene-bag-of-words"):
        assert "cannot have scenes8" in catalogue.artefact("full", f"nist36/{name}").not_run
    assert catalogue.artefact("full", "nist36/confusion") == whole.artefact("full", "nist36/confusion")
    plan = Plan(catalogue, "full", Path("results/full"))
    assert not [file for file in plan.report_inputs() if "scene" in file.name or "bag-of-words" in str(file)]
    assert plan.digest() != Plan(whole, "full", Path("results/full")).digest()


def test_claims_about_other_runs_are_still_checked(whole):
    catalogue = load_catalogue(REPOSITORY, {"without": ["scenes8"]})
    claims = catalogue.artefact("full", "nist36/claims")
    assert claims.not_run is None
    never = {claim.id for claim in whole.artefact("full", "nist36/claims").claims if claim.not_run}
    assert {claim.id for claim in claims.claims if claim.not_run} - never == {"cnn-beats-bag-of-words"}
    assert {run.run for run in whole.artefact("full", "nist36/claims").runs} - {run.run for run in claims.runs} == {
        "scene-cnn",
        "bag-of-words",
    }


def test_without_pretrained_weights_a_run_is_not_run_and_never_starts_at_random(whole):
    catalogue = load_catalogue(REPOSITORY, {"without": ["squeezenet-1-1"]})
    lost = {"nist36/squeezenet", "nist36/squeezenet-sgd", "nist36/squeezenet-all", "course-notes/transfer"}
    left_out = runs_of(whole) - runs_of(catalogue)
    assert {run for run in left_out if "/style-" not in run} == lost
    styles = {run for run in runs_of(whole) if run.startswith("course-notes/style-")}
    assert styles - left_out == {"course-notes/style-final-vgg"}, "the only one that starts with other weights"
    assert "squeezenet-1-1" in catalogue.artefact("full", "nist36/squeezenet-curves").not_run
    assert catalogue.artefact("full", "nist36/flowers-scratch-curves").not_run is None


def test_without_weights_from_elsewhere_the_artefacts_that_read_them_are_not_run(whole):
    catalogue = load_catalogue(REPOSITORY, {"without": ["udacity-cifar-cnn"]})
    assert runs_of(whole) == runs_of(catalogue)
    lacking = {name for name in catalogue.artefact_ids() if "udacity-cifar-cnn" in whole.artefact("full", name).weights}
    assert "course-notes/occlusion" in lacking
    for name in catalogue.artefact_ids():
        before, found = whole.artefact("full", name), catalogue.artefact("full", name)
        assert ("cannot have udacity-cifar-cnn" in (found.not_run or "")) == (name in lacking)
        assert name in lacking or before == found


def test_artefacts_depend_on_the_weights_that_they_read(whole):
    plan = Plan(whole, "full", Path("results/full"))
    weights = {Path(f"results/full/weights/udacity-cifar-cnn.{suffix}") for suffix in ("safetensors", "json")}
    assert weights <= set(plan.artefact_inputs("course-notes/tsne"))
    assert weights <= plan.all_files()
    assert not weights & set(plan.artefact_inputs("course-notes/pooling"))


def test_the_sample_edition_lacks_nothing(whole):
    catalogue = load_catalogue(REPOSITORY, {"without": ["scenes8", "squeezenet-1-1"]})
    assert runs_of(catalogue, "sample") == runs_of(whole, "sample")
    assert catalogue.artefact("sample", "nist36/scene-curves").not_run is None


def test_an_unknown_asset_is_named_with_the_nearest():
    with pytest.raises(ConfigError, match=r"key without: unknown asset 'scene8'.*did you mean 'scenes8'"):
        load_catalogue(REPOSITORY, {"without": ["scene8"]})


def test_artefacts_are_made_without_what_is_only_shown_beside_them(whole):
    catalogue = load_catalogue(REPOSITORY, {"without": ["ocr-author-curves"]})
    assert runs_of(whole) == runs_of(catalogue)
    readers = {
        name for name in catalogue.artefact_ids() if "ocr-author-curves" in whole.artefact("full", name).datasets
    }
    assert {"ocr/cnn-loss", "ocr/cnn-bilstm-accuracy", "ocr/depth-curves"} < readers
    table = Path("results/full/data/ocr-author-curves/table.csv")
    plans = [Plan(one, "full", Path("results/full")) for one in (whole, catalogue)]
    for name in catalogue.artefact_ids():
        before, found = whole.artefact("full", name), catalogue.artefact("full", name)
        assert found.not_run == before.not_run
        assert found == (replace(before, datasets=()) if name in readers else before)
        for plan, given in zip(plans, (True, False), strict=True):
            assert (table in plan.artefact_inputs(name)) == (given and name in readers)
    assert catalogue.artefact("sample", "ocr/cnn-loss") == whole.artefact("sample", "ocr/cnn-loss")
