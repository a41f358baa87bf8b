"""What was measured, compared with what the configuration says was published and claimed."""

from collections import Counter
from dataclasses import replace

import pytest
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.plan import Plan
from rework.errors import ReportError
from rework.files import read_json
from rework.report.comparison import checked_claims, compared_values, subject
from rework.report.manifest import collect_entries, made_entry
from rework.settings.artefact import ArtefactSettings, Claim, PublishedValue, RunReference
from workflow_copy import REPOSITORY

REFERENCE = REPOSITORY / "results" / "reference"
CATALOGUE = load_catalogue(REPOSITORY, {"without": []})
ENTRIES = collect_entries(CATALOGUE, "full", REFERENCE, partial=True)
CLAIMS = {
    "ocr": {"undecided": 2, "holds": 2},
    "fashion-captions": {"undecided": 5, "holds": 3, "not comparable": 2},
    "mnist-cifar": {"undecided": 5, "holds": 3, "not run": 2, "does not hold": 1},
    "nist36": {"not comparable": 4, "holds": 2, "not run": 2},
    "course-notes": {"undecided": 3, "holds": 10, "does not hold": 2, "not run": 1},
}


def found(mean, low=None, high=None, interval="t"):
    ends = {"low": low or mean, "high": high or mean}
    return {"mean": mean, **ends, "values": [mean] * 3, "seeds": [0, 1, 2], "interval": interval}


def sidecar(**more):
    values = [{"key": key, "metric": "loss", "label": key, "unit": "nats", "reproduced": found(1.0)} for key in "ab"]
    metrics = [
        {"run": run, "metric": "accuracy", "values": values}
        for run, values in (("good", [0.90, 0.91, 0.92]), ("bad", [0.50, 0.52, 0.51]))
    ]
    data = [{"name": "tiny", "comparable": True}, {"name": "other", "comparable": False}]
    return {"comparable": True, "values": values, "metrics": metrics, "data": data, **more}


def settings(**more):
    runs = tuple(RunReference(run, f"the {run} one", "tiny", (0, 1, 2), 1) for run in ("good", "bad"))
    return ArtefactSettings("writeup/name", "claims", "", "", runs=runs, **more)


def claim(relation=">", **more):
    return Claim("id", "Text.", "accuracy", "good", relation, ("bad",), **more)


def test_the_reference_has_the_values_that_its_descriptions_stored_and_verdicts_of_today():
    stored = 0
    for entry in ENTRIES:
        path = REFERENCE / "artefacts" / f"{entry['id']}.json"
        for value, measured in zip(entry["values"], read_json(path)["values"] if path.is_file() else (), strict=False):
            stored += 1
            assert value["reproduced"]["values"] == measured["reproduced"]["values"]
            assert value["reproduced"]["mean"] == pytest.approx(measured["reproduced"]["mean"], rel=1e-12)
    assert stored > 100


def test_the_claims_of_the_reference_have_the_results_that_were_published():
    claims = {entry["writeup"]: Counter(c["result"] for c in entry["claims"]) for entry in ENTRIES if entry["claims"]}
    assert claims == CLAIMS


@pytest.mark.parametrize(("tolerance", "verdict"), [(0.2, "reproduced"), (0.05, "differs")])
def test_a_verdict_follows_the_tolerance_of_today(tolerance, verdict):
    published = (PublishedValue("a", "loss", 1.1, tolerance, "a test", unit="bits", label="A loss"),)
    first, second = compared_values(settings(published=published), sidecar())
    assert (first["verdict"], first["tolerance"], first["label"], first["unit"]) == (
        verdict, tolerance, "A loss", "bits",
    )  # fmt: skip
    assert (second["verdict"], second["published"], second["label"], second["unit"]) == (None, None, "b", "nats")


def test_what_this_machine_could_not_measure_is_not_run_with_its_reason():
    declared = settings(published=(PublishedValue("a", "loss", 1.0, 0.1, "a reason"),))
    described = {"id": declared.id, "status": "not run", "reason": "There is no compiler.", "values": []}
    entry = made_entry(declared, described)
    assert (entry["status"], entry["verdict"], entry["reason"]) == ("not run", "not run", "There is no compiler.")
    assert [(value["reproduced"], value["verdict"]) for value in entry["values"]] == [(None, "not run")]
    with pytest.raises(ReportError, match="is that of another/name"):
        made_entry(declared, {**described, "id": "another/name"})


def test_other_data_are_not_compared():
    published = (PublishedValue("a", "loss", 1.0, 0.1, "a test"),)
    assert compared_values(settings(published=published), sidecar(comparable=False))[0]["verdict"] == "not comparable"


def test_what_is_invented_or_another_quantity_is_not_compared():
    published = PublishedValue("a", "loss", 1.0, 0.1, "a test")
    invented = settings(published=(published,), invented="The points are ours.")
    assert compared_values(invented, sidecar())[0]["verdict"] == "not comparable"
    other = settings(published=(replace(published, incomparable="It is a sum."),))
    value = compared_values(other, sidecar())[0]
    assert (value["verdict"], value["remarks"]) == ("not comparable", ["It is a sum."])


def test_a_share_that_cannot_be_is_said_so():
    published = PublishedValue("a", "loss", 0.8844, 0.1, "a test", unit="%", divisor=400)
    assert compared_values(settings(published=(published,)), sidecar())[0]["remarks"] == [
        "No k of 400 gives 88.44\u202f%."
    ]
    possible = replace(published, divisor=1600)
    assert compared_values(settings(published=(possible,)), sidecar())[0]["remarks"] == []


def test_a_metric_of_a_run_is_one_value_whatever_shows_it():
    published = tuple(PublishedValue(key, "loss", 1.0, 0.1, "a test") for key in ("good", "a"))
    assert subject(settings(published=published), "good") == "writeup/good"
    assert subject(settings(published=published), "a") == "writeup/name/a"


def test_a_published_value_that_nothing_measures_is_an_error():
    published = (PublishedValue("c", "loss", 1.0, 0.1, "a test"),)
    with pytest.raises(ReportError, match="'c' is listed, but nothing measures it"):
        compared_values(settings(published=published), sidecar())


@pytest.mark.parametrize(
    ("changed", "result"),
    [
        ({}, "holds"),
        ({"relation": "<"}, "does not hold"),
        ({"margin": 0.4}, "undecided"),
        ({"not_run": "No data."}, "not run"),
    ],
)
def test_a_claim_is_that_of_today(changed, result):
    (checked,) = checked_claims(settings(claims=(replace(claim(), **changed),)), sidecar())
    assert checked["result"] == result
    assert "the good one" in checked["why"] or checked["why"] == "No data."


@pytest.mark.parametrize(("place", "result"), [("dataset", "not comparable"), ("initial", "not comparable")])
def test_only_the_data_of_its_runs_matter_to_a_claim(place, result):
    plain = settings(claims=(claim(),))
    other = replace(plain, runs=(replace(plain.runs[0], **{place: "other"}), plain.runs[1]))
    assert checked_claims(other, sidecar())[0]["result"] == result
    unspoken = replace(plain, runs=(*plain.runs, RunReference("third", "", "other", (0,), 1)))
    assert checked_claims(unspoken, sidecar())[0]["result"] == "holds"
    assert checked_claims(replace(plain, comparable=False), sidecar())[0]["result"] == "not comparable"
    assert checked_claims(replace(plain, invented="The data."), sidecar())[0]["result"] == "not comparable"


def test_a_claim_about_what_was_not_collected_is_an_error():
    with pytest.raises(ReportError, match="needs accuracy of third"):
        checked_claims(settings(claims=(replace(claim(), left="third"),)), sidecar())


def test_what_makes_an_artefact_reads_nothing_that_was_published_or_claimed(tmp_path):
    plan = Plan(CATALOGUE, "full", tmp_path)
    for name in plan.built_artefacts():
        whole, made = plan.artefact(name), plan.made(name)
        assert (made.id, made.kind, made.runs, made.options) == (whole.id, whole.kind, whole.runs, whole.options)
        assert {made.published, made.claims, made.what, made.protocol, made.published_text, made.label} == {(), ""}
