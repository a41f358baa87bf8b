"""Files that no rule makes: of runs that left the configuration, of interrupted writes, or put there by hand."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from rework import paths
from rework.auditing.audit import Audit
from rework.auditing.places import FILE, FOLDER, HIDDEN, is_link
from rework.catalogue.plan import Plan, owner_and_name
from rework.publication import FOLDER as PUBLICATIONS

WITHOUT_RECORD = ("logs",)
"""Folders of which nothing is checked."""
HALF_MADE = ("checkpoints", "finished")
"""Folders of what a training keeps for itself."""
RESULT_FOLDERS = ("data", "models", "weights", "runs", "readings", "artefacts", "report", PUBLICATIONS)
_NOT_ASKED_FOR = "the configuration does not ask for it: remove it"


def audit_strays(audit: Audit, plan: Plan, expected: set[Path], told: Mapping[Path, str]) -> None:
    """Report every file that is not expected, and broken links.

    Args:
        audit: the state of the audit, with the earlier descriptions that records name.
        plan: the files of the edition.
        expected: the files that may be there.
        told: what is said of files that are not expected, if there is more to say than that.
    """
    generated = {paths.raw_dir(plan.results, name) for name in plan.catalogue.dataset_names()}
    known, own = expected | audit.earlier, _of_trainings(plan)
    on_the_way = {folder for path in known | own for folder in path.parents}
    linked = {path for path in on_the_way if plan.results in path.parents and is_link(path)}
    for path in _entries(audit, plan.results, linked):
        if path in known or audit.what(path) == HIDDEN or not generated.isdisjoint({path, *path.parents}):
            continue
        if path.relative_to(plan.results).parts[0] in HALF_MADE:
            beside = path.with_name(path.name.lstrip(".").partition(".pt.")[0] + ".pt")
            if own.isdisjoint({path, beside, *path.parents}):
                audit.report(path, "is kept of a training that the configuration does not name: remove it")
        else:
            audit.report(path, told.get(path) or _stray(path, audit.what(path), path in on_the_way))
    if linked:
        names = ", ".join(map(str, sorted(linked)))
        audit.remarks.append(f"links to folders, in which everything was checked as if it were here: {names}")


def _stray(path: Path, what: str, on_the_way: bool) -> str:
    """Return what is said of something that is not expected."""
    if what not in (FILE, FOLDER):
        return f"is {what}; {_NOT_ASKED_FOR}"
    if on_the_way:
        return "is a file, where a folder should be; remove it"
    why = "is left from an interrupted write" if path.name.startswith(".") else "is made by no rule"
    return f"{why}; {_NOT_ASKED_FOR}"


def _of_trainings(plan: Plan) -> set[Path]:
    """Return the checkpoints of the configured runs, and the folders of what they keep when they are finished.

    Beside a checkpoint there may be its lock, and one that is being written, under names that contain its own.
    """
    runs = [(*owner_and_name(run), seed) for run, seed in plan.runs()]
    return {place(plan.results, *run) for run in runs for place in (paths.checkpoint_file, paths.finished_dir)}


def _entries(audit: Audit, results: Path, linked: set[Path]) -> Iterator[Path]:
    """Yield what lies in the folders of an edition, and beside them.

    A folder at the top that no rule makes counts as one thing, and so does a link to a folder, unless what is expected
    is behind it.
    """
    for path in audit.listed(results):
        if path.name in WITHOUT_RECORD:
            continue
        is_folder = audit.what(path) == FOLDER
        if is_folder and path.name in (*RESULT_FOLDERS, *HALF_MADE) and (path in linked or not is_link(path)):
            yield from audit.within(path, linked)
        else:
            yield path
