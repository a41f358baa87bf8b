"""Folders that cannot be looked into, links to folders, and files where folders should be: one finding each."""

import errno
import os
import shutil
from pathlib import Path

import pytest
from another_user import closed
from rework import paths
from rework.auditing.advice import damaged_files
from rework.auditing.audit import Audit
from rework.auditing.edition import audit_edition
from rework.auditing.places import HIDDEN, NOTHING, obstacle, what_is
from rework.auditing.raw_files import audit_raw_files
from rework.auditing.retraining import chosen_runs
from rework.catalogue.plan import Plan
from rework.files import sha256_file, write_json
from rework.publishing import publish
from small_results import SmallCatalogue, finished, write

OPEN, UNSEARCHABLE, UNLISTED = 0, 0o444, 0o111
CHANGED = Path("results/full/models/second/net.json")


@pytest.fixture
def plan(tmp_path, monkeypatch):
    """A finished edition in the current folder, into which every user may look."""
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    plan = finished(Path())
    for run, seed in plan.runs():
        write(plan.results / "logs" / run / f"seed{seed}.log", "")
    return plan


def findings(plan):
    """Return what an audit finds; nothing that is looked for after it ends it."""
    audit = audit_edition(plan, plan.catalogue.data_dir)
    chosen_runs(plan, 9, "any")
    return {path.as_posix(): said for path, said in audit.findings.items()}


@pytest.mark.parametrize("mode", [0, UNSEARCHABLE, UNLISTED])
@pytest.mark.parametrize(
    "folder",
    [
        "results/full/runs",
        "results/full/runs/first/cnn/seed0",
        "results/full/artefacts",
        "results/full/data/tiny",
        "results/full/report",
        "results/full/runs/first/of-another/seed0",
        "results/full/old",
        "data/tiny",
    ],
)
def test_a_folder_that_cannot_be_looked_into_is_one_finding_and_the_audit_goes_on(plan, folder, mode):
    write(Path("results/full/runs/first/of-another/seed0/metrics.json"), "{}")
    write(Path("results/full/old/notes.txt"), "")
    before = findings(plan)
    assert len(before) == 2, "both strays"
    CHANGED.write_text("changed")
    with closed(Path(folder), mode):
        found = findings(plan)
    assert found.pop(CHANGED.as_posix()).startswith("not a JSON file")
    if folder == "results/full/old":
        assert set(found) == set(before), "a stray folder is a stray, open or closed"
        return
    said = found.pop(folder)
    assert "cannot be read, so nothing in it was checked: permission denied; " in said
    assert f"'chmod u+rwx {folder}' opens it" in said or "its owner can let you read it" in said
    assert set(found) <= set(before)


@pytest.mark.parametrize("mode", [0, UNSEARCHABLE])
def test_a_closed_edition_is_one_finding(plan, mode):
    with closed(plan.results, mode):
        assert list(findings(plan)) == ["results/full"]


@pytest.mark.parametrize(
    "file",
    [
        "results/full/runs/first/cnn/seed0/history.csv",
        "results/full/runs/first/cnn/seed0/metrics.json",
        "results/full/artefacts/first/table.json",
        "results/full/data/tiny/test_inputs.npy",
        "results/full/report/manifest.json",
        "data/tiny/raw.gz",
    ],
)
def test_a_file_that_cannot_be_read_is_one_finding_with_the_reason(plan, file):
    with closed(Path(file)):
        found = findings(plan)
    assert list(found) == [file]
    assert found[file].startswith("cannot be read: permission denied; ")


@pytest.mark.parametrize("folder", ["published", "runs", "artefacts/first", "data"])
def test_published_results_that_cannot_be_looked_into_are_one_finding(plan, folder):
    reference = Plan(plan.catalogue, "full", Path("results/reference"))
    for writeup in plan.catalogue.writeups:
        publish(plan, writeup, reference.results)
    with closed(reference.results / folder):
        assert list(audit_edition(reference, None, published=True).findings) == [reference.results / folder]


def test_generated_raw_files_that_cannot_be_looked_into_are_one_finding(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tmp_path.chmod(0o755)
    plan = Plan(SmallCatalogue(Path("data")), "sample", Path("results/sample"))
    inner = paths.raw_dir(plan.results, "tiny") / "inner"
    write_json(
        paths.raw_record(plan.results, "tiny"), {"name": "tiny", "outputs": {"inner/a": write(inner / "a", "a")}}
    )
    for folder in (inner, inner.parent):
        with closed(folder):
            audit = Audit()
            audit_raw_files(audit, plan, None)
        assert list(audit.findings) == [folder]


def test_a_fault_of_the_disk_is_one_finding_of_the_folder_that_has_it(plan, monkeypatch):
    broken, listing = plan.results / "artefacts" / "first", Path.iterdir

    def fail(folder):
        if folder == broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(folder))
        return listing(folder)

    monkeypatch.setattr(Path, "iterdir", fail)
    assert findings(plan) == {
        broken.as_posix(): "cannot be read, so nothing in it was checked: the disk reports an input or output error"
    }


def test_a_fault_of_the_disk_at_a_file_is_its_own(plan, monkeypatch):
    broken, look = plan.results / "artefacts/first/table.csv", os.lstat

    def fail(path):
        if Path(path) == broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return look(path)

    monkeypatch.setattr(os, "lstat", fail)
    assert findings(plan) == {broken.as_posix(): "cannot be read: the disk reports an input or output error"}


FOLDERS = ("runs", "report", "data/tiny", "artefacts/first", "checkpoints", "finished/first")


def move_away(plan, folder):
    """Move a folder of an edition to another disk, as it were, and let a link lead there."""
    place = plan.results / folder
    place.mkdir(parents=True, exist_ok=True)
    away = Path("elsewhere", folder).absolute()
    away.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(place, away)
    place.symlink_to(away)
    return away


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_that_is_a_link_is_checked_as_if_it_were_here(plan, folder):
    away = move_away(plan, folder)
    audit = audit_edition(plan, plan.catalogue.data_dir)
    assert audit.findings == {}
    (remark,) = (remark for remark in audit.remarks if remark.startswith("links to folders"))
    assert remark.endswith(f"checked as if it were here: {plan.results / folder}")
    write(away / "old" / "of-another.json", "{}")
    assert list(findings(plan)) == [f"results/full/{folder}/old/of-another.json"]


def test_a_link_to_a_folder_that_nothing_expects_is_a_stray(plan):
    (plan.results / "runs/first/old").symlink_to("cnn")
    assert list(findings(plan)) == ["results/full/runs/first/old"]


def test_a_folder_that_is_a_link_to_itself_is_walked_once(plan):
    move_away(plan, "runs")
    (plan.results / "runs" / "again").symlink_to("..")
    assert list(findings(plan)) == ["results/full/runs/again"]


def gone_behind_a_link(plan, folder):
    shutil.rmtree(move_away(plan, folder))


def circle(plan, folder):
    shutil.rmtree(plan.results / folder)
    (plan.results / folder).symlink_to(Path(folder).name)


def a_file(plan, folder):
    shutil.rmtree(plan.results / folder)
    (plan.results / folder).write_text("")


@pytest.mark.parametrize("folder", ["runs", "runs/first/cnn", "artefacts/second"])
@pytest.mark.parametrize(
    ("how", "said"),
    [
        (gone_behind_a_link, "is a link to a folder that is not there ("),
        (circle, "is a link that leads nowhere (Too many levels of symbolic links); remove it"),
        (a_file, "is a file, where a folder should be; remove it"),
    ],
)
def test_what_is_in_the_place_of_a_folder_is_one_finding_and_its_files_are_made_again(plan, how, folder, said):
    how(plan, folder)
    audit = audit_edition(plan, plan.catalogue.data_dir)
    assert list(audit.findings) == [plan.results / folder]
    assert audit.findings[plan.results / folder].startswith(said)
    again = damaged_files(plan, audit.remake)
    assert again
    assert all(plan.results / folder in file.parents for file in again)


def test_nothing_keeps_from_looking_at_what_is_there_or_not(plan):
    there = plan.results / "runs/first/cnn/seed0/metrics.json"
    missing = plan.results / "runs/third/cnn/seed0/metrics.json"
    assert (obstacle(there), what_is(there)) == (None, "a file")
    assert (obstacle(missing), what_is(missing)) == (None, NOTHING)
    assert what_is(there / "below") == HIDDEN
    assert obstacle(there / "below").place == there


def test_hashes_are_those_of_the_files_behind_links(plan):
    away = move_away(plan, "runs")
    history = plan.results / "runs/first/cnn/seed0/history.csv"
    (away / "first/cnn/seed0/history.csv").write_text("changed")
    assert list(findings(plan)) == [history.as_posix()]
    assert sha256_file(history) == sha256_file(away / "first/cnn/seed0/history.csv")
