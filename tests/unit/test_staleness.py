"""Results of other code, packages, settings or data than today's are told apart; those of today are not named."""

import json
from pathlib import Path

import pytest
from another_user import closed
from rework.auditing import staleness
from rework.auditing.expected import expected_records
from rework.auditing.staleness import (
    CODE,
    DATA,
    ENVIRONMENT,
    NOT_RECORDED,
    PACKAGES,
    SEED,
    SETTINGS,
    grouped,
    stale_results,
)
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.plan import Plan
from rework.files import canonical_json, sha256_text
from rework.provenance import code_fingerprint, environment, packages_hash
from rework.recorded import write_record
from workflow_copy import REPOSITORY

CATALOGUE = load_catalogue(REPOSITORY)
RECORDS = tuple(expected_records(Plan(CATALOGUE, "sample", Path())))
HASH = sha256_text("")
TRAINED = {**dict.fromkeys(("threads", "parameters", "steps", "seconds"), 1), "device": "cpu", "precision": "fp32"}


def content_of(item):
    """Return the record that today's step would write, as far as it tells how the result was made."""
    made = {
        "step": item.step,
        "code": code_fingerprint(f"rework.steps.{item.step}", *item.modules),
        "packages": packages_hash(item.family),
    }
    said = dict(item.settings)
    run, _, pages = item.name.partition(" of ")
    if item.kind == "trainings":
        return {**made, **TRAINED, "inputs": {}, "outputs": {}, "settings": said, "environment": environment()}
    if item.kind == "evaluations":
        data = {"name": "", "sha256": HASH, "sample": True}
        said = {"run": item.name, "seed": 0, "metrics": {}, "dataset": data}
    elif item.kind == "readings":
        said = {"run": run, "seed": 0, "pages": pages}
    elif item.kind == "models":
        said |= {"layers": [], "parameters": 0}
    elif item.kind in ("data sets", "weights"):
        said = {"assets": [], **said, "name": item.name, "notes": []}
    elif item.kind == "artefacts":
        runs = [{"run": name, **run, "seeds": said["seeds"][name]} for name, run in said["runs"].items()]
        data = [{"name": name, "sha256": HASH} for name in said["data"]]
        said = {**dict.fromkeys(("caption", "alt"), ""), "kind": said["kind"], "runs": runs, "data": data}
        said |= {"id": item.name, "status": "built", "comparable": True, "values": [], "table": None, "facts": {}}
        return {**said, "files": [], "provenance": {**made, "inputs": {}, "outputs": {}}}
    else:
        said |= {"edition": "sample", "artefacts": []}
    return {**said, "provenance": made}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The records of a whole sample edition of today."""
    plan = Plan(CATALOGUE, "sample", tmp_path_factory.mktemp("today") / "sample")
    for item in expected_records(plan):
        item.record.parent.mkdir(parents=True, exist_ok=True)
        write_record(item.record, content_of(item))
    return plan


@pytest.fixture
def change(finished):
    """Return a function that alters the record of a result, and seals it again, until the test ends."""
    before = {}

    def alter(kind, name, how):
        item = next(item for item in RECORDS if (item.kind, item.name) == (kind, name))
        record = finished.results / item.record
        before[record] = record.read_bytes()
        content = json.loads(before[record])
        content.pop("record_sha256")
        how(content)
        write_record(record, content)

    yield alter
    for record, content in before.items():
        record.write_bytes(content)


def of_provenance(**values):
    return lambda record: record["provenance"].update(values)


def test_every_kind_of_result_is_looked_at_and_todays_are_not_named(finished):
    kinds = {item.kind for item in RECORDS}
    assert kinds == {
        *("data sets", "weights", "models", "trainings", "evaluations", "readings", "artefacts", "reports")
    }  # fmt: skip
    assert stale_results(finished) == []


NAMES = {item.kind: item.name for item in RECORDS}


@pytest.mark.parametrize(
    ("kind", "name", "alter", "reason"),
    [
        ("data sets", "mnist", of_provenance(code=HASH), CODE),
        ("data sets", "mnist", of_provenance(packages=HASH), PACKAGES),
        ("data sets", "mnist", lambda record: record.update(layout="words"), f"{SETTINGS} (layout)"),
        ("data sets", "mnist", lambda record: record.update(sample=False), f"{SETTINGS} (sample)"),
        ("weights", "vgg-19", of_provenance(code=HASH), CODE),
        ("models", NAMES["models"], of_provenance(packages=HASH), PACKAGES),
        ("models", NAMES["models"], lambda r: r["model"].update(name="another"), f"{SETTINGS} (model)"),
        ("trainings", "ocr/cnn-2", lambda record: record.update(code=HASH), CODE),
        ("trainings", "ocr/cnn-2", lambda record: record.pop("packages"), NOT_RECORDED),
        ("trainings", "ocr/cnn-2", lambda r: r["environment"].update(python="2.7.1"), f"{ENVIRONMENT} (2.7.1)"),
        ("trainings", "nist36/scratch", lambda r: r["settings"].update(batch_size=127), f"{SETTINGS} (batch_size)"),
        ("trainings", "nist36/scratch", lambda r: r["settings"].update(global_seed=1), SEED),
        ("trainings", "nist36/scratch", lambda r: r["settings"].update(older=1), f"{SETTINGS} (older)"),
        ("trainings", "ocr/cnn-2", lambda r: r["inputs"].update({"data/mnist/dataset.json": HASH}), DATA),
        ("evaluations", "ocr/cnn-2", of_provenance(packages=HASH), PACKAGES),
        ("readings", NAMES["readings"], of_provenance(code=HASH), CODE),
        ("artefacts", "ocr/depth-table", of_provenance(code=HASH), CODE),
        ("artefacts", "ocr/depth-table", of_provenance(inputs={"data/mnist/dataset.json": HASH}), DATA),
        ("artefacts", "ocr/depth-table", lambda record: record["runs"].pop(), SEED),
        ("artefacts", "ocr/depth-table", lambda record: record["runs"][0].update(seeds=[7]), SEED),
        ("artefacts", "ocr/depth-table", lambda r: r["runs"][0].update(length="9 epochs"), f"{SETTINGS} (runs)"),
        ("artefacts", "ocr/depth-table", lambda record: record["data"][0].update(name="mnist"), DATA),
        ("reports", "report", of_provenance(code=HASH), CODE),
        ("reports", "report", lambda record: record.update(configuration=HASH), f"{SETTINGS} (configuration)"),
    ],
)
def test_each_reason_is_told_of_the_result_and_of_no_other(finished, change, kind, name, alter, reason):
    change(kind, name, alter)
    found = grouped(stale_results(finished))
    assert found.pop((kind, reason)) == [name]
    assert set(found) <= {(kind, f"{SETTINGS} (runs)")}, "a run that is gone is another setting, too"


def test_versions_tell_which_packages_were_others(finished, change):
    def older(record):
        record["environment"]["packages"]["torch"] = "1.0"
        record["packages"] = HASH

    change("trainings", "ocr/cnn-2", older)
    assert grouped(stale_results(finished)) == {("trainings", f"{PACKAGES} (torch 1.0)"): ["ocr/cnn-2"]}


def test_code_of_today_that_is_another_makes_what_it_made_stale(finished, monkeypatch):
    def edited(*modules):
        return HASH if "rework.models.letter_cnn" in modules else code_fingerprint(*modules)

    monkeypatch.setattr(staleness, "code_fingerprint", edited)
    found = grouped(stale_results(finished))
    assert set(found) == {("trainings", CODE), ("evaluations", CODE)}
    assert "ocr/cnn-2" in found["trainings", CODE]
    assert "ocr/bilstm" not in found["trainings", CODE]


def test_another_seed_in_the_configuration_makes_trainings_and_the_report_stale(finished):
    plan = Plan(load_catalogue(REPOSITORY, {"global_seed": 5}), "sample", finished.results)
    found = grouped(stale_results(plan))
    assert len(found.pop(("trainings", SEED))) == len({run for run, _ in plan.runs()})
    assert found == {("reports", f"{SETTINGS} (configuration)"): ["report"]}


def test_raw_files_with_another_published_checksum_are_other_data(tmp_path):
    full = Plan(CATALOGUE, "full", tmp_path / "full")
    item = next(item for item in expected_records(full) if item.name == "mnist")
    item.record.parent.mkdir(parents=True)
    content = content_of(item)
    write_record(item.record, content)
    assert stale_results(full) == []
    content["assets"][0] = {**content["assets"][0], "sha256": HASH}
    write_record(item.record, content)
    assert grouped(stale_results(full)) == {("data sets", DATA): ["mnist"]}


def test_settings_that_did_not_exist_yet_had_todays_default(finished, change):
    def older(record):
        record["settings"] = {key: value for key, value in record["settings"].items() if key != "l2"}
        record["settings"]["assumed"] = ["epochs"]

    change("trainings", "ocr/cnn-2", older)
    assert stale_results(finished) == []


def test_what_is_missing_or_unreadable_is_left_to_the_audit(tmp_path):
    plan = Plan(CATALOGUE, "sample", tmp_path)
    damaged = plan.results / RECORDS[0].record
    damaged.parent.mkdir(parents=True)
    damaged.write_text("{")
    assert stale_results(plan) == []


def test_data_in_a_folder_that_cannot_be_looked_into_is_left_to_the_audit(finished, change, monkeypatch):
    folder = finished.results.parent
    monkeypatch.chdir(folder)
    folder.chmod(0o755)
    change("trainings", "ocr/cnn-2", lambda record: record["inputs"].update({"data/mnist/dataset.json": HASH}))
    plan = Plan(CATALOGUE, "sample", Path(finished.results.name))
    with closed(plan.results / "data"):
        assert stale_results(plan) == []


def test_settings_are_compared_as_they_are_stored():
    trainings = [item for item in RECORDS if item.kind == "trainings"]
    assert len(trainings) == len(CATALOGUE.run_ids("sample"))
    assert all(json.loads(canonical_json(item.settings)) == item.settings for item in trainings)
