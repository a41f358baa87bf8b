"""Results of other code, packages or settings than today's are told apart; those of today are not named."""

import json
import shutil

import pytest
from rework.auditing.staleness import CODE, PACKAGES, SETTINGS, expected_records, stale_results
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.plan import Plan
from rework.files import canonical_json
from rework.provenance import code_fingerprint, packages_hash
from rework.recorded import write_record
from workflow_copy import REPOSITORY

CATALOGUE = load_catalogue(REPOSITORY)


@pytest.fixture
def plan(tmp_path):
    """The sample edition with the records that today's steps would write, as far as they tell how it was made."""
    plan = Plan(CATALOGUE, "sample", tmp_path / "sample")
    for item in expected_records(plan):
        origin = {
            "step": item.step,
            "code": code_fingerprint(f"rework.steps.{item.step}", *item.modules),
            "packages": packages_hash(item.family),
        }
        item.record.parent.mkdir(parents=True, exist_ok=True)
        write_record(item.record, {**origin, "settings": item.settings} if item.settings else {"provenance": origin})
    return plan


def change(plan, kind, name, alter):
    """Alter the record of a result, and seal it again."""
    (record,) = (item.record for item in expected_records(plan) if (item.kind, item.name) == (kind, name))
    content = json.loads(record.read_text())
    content.pop("record_sha256")
    alter(content)
    write_record(record, content)
    return record


def test_todays_results_are_not_named(plan):
    assert stale_results(plan) == {}


def test_each_reason_is_told_with_what_it_is_about(plan):
    change(plan, "trainings", "ocr/cnn-2", lambda record: record.update(code="0" * 64))
    change(plan, "trainings", "nist36/scratch", lambda record: record["settings"].update(batch_size=127))
    change(plan, "evaluations", "ocr/cnn-2", lambda record: record["provenance"].update(packages="0" * 64))
    change(plan, "artefacts", "ocr/depth-table", lambda r: r["provenance"].update(code=""))
    change(plan, "data sets", "mnist", lambda record: record["provenance"].update(code="0" * 64))
    assert stale_results(plan) == {
        ("data sets", CODE): ["mnist"],
        ("trainings", CODE): ["ocr/cnn-2"],
        ("trainings", SETTINGS): ["nist36/scratch"],
        ("evaluations", PACKAGES): ["ocr/cnn-2"],
        ("artefacts", CODE): ["ocr/depth-table"],
    }


def test_what_is_missing_or_unreadable_is_left_to_the_audit(plan):
    records = [item.record for item in expected_records(plan)]
    records[0].write_text("{")
    records[-1].unlink()
    shutil.rmtree(plan.results / "runs")
    assert stale_results(plan) == {}


def test_settings_are_compared_as_they_are_stored(plan):
    trainings = [item for item in expected_records(plan) if item.kind == "trainings"]
    assert len(trainings) == len(CATALOGUE.run_ids("sample"))
    assert all(json.loads(canonical_json(item.settings)) == item.settings for item in trainings)
