"""Published results against the records of their publication: nothing is missing, and nothing else is there."""

from pathlib import Path

from rework.auditing.audit import Audit, what_is
from rework.auditing.units import Unit
from rework.catalogue.plan import Plan
from rework.publication import publication_file
from rework.record_shapes import PUBLICATION

OF_A_WRITEUP = ("runs", "artefacts", "models")


def audit_publications(audit: Audit, plan: Plan, unmade: list[Unit]) -> set[Path]:
    """Check every published file, and return all files that may be there.

    Args:
        audit: the state of the audit.
        plan: the files of the published results.
        unmade: what the configuration asks for and is not there.
    """
    known: set[Path] = set()
    for writeup in plan.catalogue.writeups:
        path = publication_file(plan.results, writeup)
        if not what_is(path):
            if any(what_is(plan.results / kind / writeup) for kind in OF_A_WRITEUP):
                again = f"'snakemake --cores 8 publish --config writeup={writeup}'"
                audit.report(path, f"is missing, though {writeup} is published; 'git restore {path}' or {again}")
                known |= _unrecorded(plan, writeup)
            continue
        known.add(path)
        content = audit.read(path, PUBLICATION)
        if content is not None and content["writeup"] != writeup:
            audit.report(path, f"is the record of {content['writeup']!r}; 'git restore {path}' brings its own back")
            content = None
        if content is None:
            known |= _unrecorded(plan, writeup)
            continue
        for name, digest in content["files"].items():
            known.add(plan.results / name)
            audit.check(plan.results / name, digest, path)
    absent = [unit.title for unit in unmade if not known.intersection(unit.files)]
    if absent:
        audit.remarks.append(f"not published: {', '.join(absent)}")
    return known | set(plan.report_files())


def _unrecorded(plan: Plan, writeup: str) -> set[Path]:
    """Return the files of a writeup that may be there if nothing says which ones were published."""
    return {file for file in plan.all_files() if writeup in file.parts or file.suffix == ".json"}
