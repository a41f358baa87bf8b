"""Files that no rule makes: of runs that left the configuration, of interrupted writes, or put there by hand."""

import os
from collections.abc import Iterator
from pathlib import Path

from rework import paths
from rework.auditing.audit import Audit, what_is
from rework.catalogue.plan import Plan, owner_and_name
from rework.publication import FOLDER

WITHOUT_RECORD = ("logs",)
"""Folders of which nothing is checked."""
HALF_MADE = ("checkpoints", "finished")
"""Folders of what a training keeps for itself."""
RESULT_FOLDERS = ("data", "models", "weights", "runs", "readings", "artefacts", "report", FOLDER)


def audit_strays(audit: Audit, plan: Plan, expected: set[Path]) -> None:
    """Report every file that is not expected, and broken links.

    Args:
        audit: the state of the audit, with the earlier descriptions that records name.
        plan: the files of the edition.
        expected: the files that may be there.
    """
    generated = {paths.raw_dir(plan.results, name) for name in plan.catalogue.dataset_names()}
    known, own = expected | audit.earlier, _of_trainings(plan)
    for path in _entries(plan.results):
        if path in known:
            continue
        around = {path, *path.parents}
        if not generated.isdisjoint(around):
            continue
        if path.relative_to(plan.results).parts[0] in HALF_MADE:
            if own.isdisjoint(around | {path.with_name(path.name.lstrip(".").partition(".pt.")[0] + ".pt")}):
                audit.report(path, "is kept of a training that the configuration does not name: remove it")
            continue
        what = what_is(path)
        if what not in ("a file", "a folder"):
            audit.report(path, f"is {what}; the configuration does not ask for it: remove it")
        else:
            why = "is left from an interrupted write" if path.name.startswith(".") else "is made by no rule"
            audit.report(path, f"{why}; the configuration does not ask for it: remove it")


def _of_trainings(plan: Plan) -> set[Path]:
    """Return the checkpoints of the configured runs, and the folders of what they keep when they are finished.

    Beside a checkpoint there may be its lock, and one that is being written, under names that contain its own.
    """
    runs = [(*owner_and_name(run), seed) for run, seed in plan.runs()]
    return {place(plan.results, *run) for run in runs for place in (paths.checkpoint_file, paths.finished_dir)}


def _entries(results: Path) -> Iterator[Path]:
    """Yield what lies in the folders of an edition, and beside them; links are not followed."""
    for folder, folders, files in os.walk(results):
        here = Path(folder)
        if here == results:
            folders[:] = [name for name in sorted(folders) if name not in WITHOUT_RECORD]
        known = (*RESULT_FOLDERS, *HALF_MADE)
        for name in sorted(folders):
            # A link to a folder, or one at the top that no rule makes, counts as one thing.
            if (here / name).is_symlink() or (here == results and name not in known):
                yield here / name
                folders.remove(name)
        yield from (here / name for name in sorted(files))
