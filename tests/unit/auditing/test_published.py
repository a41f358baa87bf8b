"""Results put by hand among the published ones: what they are, and that the advice about them works when followed."""

import re
import shlex
from pathlib import Path

import pytest
from another_user import closed
from rework.auditing.edition import audit_edition
from rework.catalogue.plan import Plan
from rework.cli import main
from rework.files import read_json, sha256_file
from rework.publication import publication_file
from rework.publishing import publish
from rework.recorded import write_record
from rework.steps import publish as step
from small_results import finished, write


@pytest.fixture
def plan(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan = finished(Path())
    write(tmp_path / "Snakefile", "")
    monkeypatch.setattr(step, "load_reference_catalogue", lambda _: plan.catalogue)
    return plan


@pytest.fixture
def reference(plan):
    """What is published of the first of two writeups."""
    publish(plan, "first", plan.results.parent / "reference")
    return Plan(plan.catalogue, "full", plan.results.parent / "reference")


def findings(reference):
    audit = audit_edition(reference, None, published=True)
    return {path.relative_to(reference.results).as_posix(): said for path, said in audit.findings.items()}


def advised(said):
    """Return the words of the command of this library in a finding."""
    (command,) = re.findall(r"['`]python -m rework ([^`]*?)['`] ", said)
    return shlex.split(command)


def unlist(reference, name):
    """Take a file from the record of what is published, as if it had come later."""
    record = publication_file(reference.results, "first")
    content = read_json(record)
    del content["files"][name]
    write_record(record, content)


@pytest.mark.parametrize(
    "name",
    [
        "runs/first/mlp/seed0/history.csv",
        "artefacts/first/curves.svg",
        "models/first/net.json",
        "data/tiny/dataset.json",
    ],
)
def test_a_configured_result_that_is_not_listed_is_told_with_the_command_that_lists_it(reference, name):
    unlist(reference, name)
    found = findings(reference)
    assert list(found) == [name]
    assert "is a result of first that " in found[name]
    assert "published/first.json does not list" in found[name]
    assert "no rule" not in found[name]
    assert main(advised(found[name])) == 0
    assert findings(reference) == {}


@pytest.mark.parametrize("name", ["runs/first/cnn/seed0/weights.safetensors", "data/tiny/train_inputs.npy"])
def test_a_result_that_is_too_large_to_be_published_is_told_so(plan, reference, name):
    write(reference.results / name, (plan.results / name).read_text())
    found = findings(reference)
    assert list(found) == [name]
    assert found[name] == "is a result of the kind that is never published, for its size: remove it"


def test_a_file_that_the_configuration_does_not_know_is_made_by_no_rule(reference):
    write(reference.results / "runs/first/old/seed0/metrics.json", "{}")
    assert "is made by no rule" in findings(reference)["runs/first/old/seed0/metrics.json"]


def only_record(writeup):
    return main(["publish", writeup, "--only-record"])


def test_recording_stops_on_what_is_wrong_with_what_it_records(reference, capsys):
    record = publication_file(reference.results, "first")
    before = sha256_file(record)
    for name, content in {
        "artefacts/first/table.csv": "changed",
        "runs/first/cnn/seed0/provenance.json": "{",
        "runs/first/cnn/seed0/.history.csv.partial": "",
        "runs/first/cnn/seed0/weights.safetensors": "",
        "runs/first/old/seed0/metrics.json": "{}",
    }.items():
        path = reference.results / name
        kept = path.read_text() if path.exists() else None
        write(path, content)
        assert only_record("first") == 2
        said = capsys.readouterr().err
        assert "of the results of first are not as recorded, so nothing was recorded; the first: " in said
        assert f"{name} " in said
        assert "'python -m rework verify --edition reference' lists them" in said
        assert sha256_file(record) == before
        path.unlink() if kept is None else path.write_text(kept)
    assert only_record("first") == 0


@pytest.mark.parametrize("folder", ["results/full/runs", "results/full/data/tiny", "data/tiny"])
def test_nothing_is_published_from_a_folder_that_cannot_be_looked_into(plan, monkeypatch, capsys, folder):
    Path().absolute().chmod(0o755)
    monkeypatch.setattr(step, "load_catalogue", lambda *_: plan.catalogue)
    with closed(Path(folder)):
        assert main(["publish", "first"]) == 2
    said = capsys.readouterr().err
    assert f"nothing was published; the first: {folder} cannot be read" in said
    assert not Path("results/reference").exists()


@pytest.mark.parametrize("name", ["runs", "runs/first/cnn/seed0/history.csv"])
def test_what_cannot_be_read_is_not_recorded(reference, capsys, name):
    Path().absolute().chmod(0o755)
    with closed(reference.results / name):
        assert only_record("first") == 2
    said = capsys.readouterr().err
    assert f"error: results/reference/{name}" in said
    assert "permission denied" in said
    assert said.count("\n") == 1


def test_findings_of_other_writeups_do_not_stop_a_record(plan, reference):
    publish(plan, "second", reference.results)
    write(reference.results / "artefacts/second/table.csv", "changed")
    assert only_record("first") == 0
    assert list(findings(reference)) == ["artefacts/second/table.csv"]


@pytest.mark.parametrize("writeup", ["first", "second"])
def test_there_must_be_something_to_record(plan, reference, writeup, capsys):
    """Neither in an empty folder, nor in one with nothing of the writeup but the data that others read too."""
    if writeup == "first":
        reference = Plan(plan.catalogue, "full", reference.results.parent / "empty")
    assert main(["publish", writeup, "--only-record", "--reference", str(reference.results)]) == 2
    said = capsys.readouterr().err
    assert f"{writeup}: nothing to record, " in said
    assert f"publish --config writeup={writeup}' publishes it" in said
    assert not publication_file(reference.results, writeup).exists()
