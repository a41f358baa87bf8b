"""Published results against the records of their publication: nothing is missing, and nothing else is there."""

from collections.abc import Mapping
from pathlib import Path

from rework.auditing.audit import Audit
from rework.auditing.commands import quoted
from rework.auditing.places import NOTHING, what_is
from rework.auditing.units import Unit
from rework.catalogue.plan import Plan
from rework.catalogue.publishable import published_files
from rework.publication import Publication, publication_file
from rework.record_shapes import PUBLICATION

OF_A_WRITEUP = ("runs", "artefacts", "models")


def audit_publications(audit: Audit, plan: Plan, unmade: list[Unit], proposed: Mapping[str, Publication]) -> set[Path]:
    """Check every published file, and return all files that may be there.

    Args:
        audit: the state of the audit.
        plan: the files of the published results.
        unmade: what the configuration asks for and is not there.
        proposed: what is to be recorded of writeups, in place of what their records say.
    """
    known: set[Path] = set()
    for writeup in plan.catalogue.writeups:
        path = publication_file(plan.results, writeup)
        if writeup not in proposed and audit.what(path) == NOTHING:
            if any(what_is(plan.results / kind / writeup) for kind in OF_A_WRITEUP):
                again = quoted(audit.commands.publish(writeup))
                said = f"is missing, though {writeup} is published; {audit.commands.restore(path)}, or {again}"
                audit.report(path, f"{said} publishes it again")
                known |= _unrecorded(plan, writeup)
            continue
        known.add(path)
        files = _listed(audit, plan, writeup, proposed)
        if files is None:
            known |= _unrecorded(plan, writeup)
            continue
        for name, digest in files.items():
            known.add(plan.results / name)
            audit.check(plan.results / name, digest, path)
    absent = [unit.title for unit in unmade if not known.intersection(unit.files)]
    if absent:
        audit.remarks.append(f"not published: {', '.join(absent)}")
    return known | set(plan.report_files())


def unlisted(audit: Audit, plan: Plan, proposed: Mapping[str, Publication]) -> dict[Path, str]:
    """Return what is said of results that are among the published ones and are listed by no record of these.

    The configuration knows them, so they were not left behind, but put there by hand.
    """
    said = dict.fromkeys(plan.all_files(), "is a result of the kind that is never published, for its size: remove it")
    # What several writeups read can be recorded as a part of one that is published: those come last.
    for writeup in sorted(plan.catalogue.writeups, key=lambda name: _listed(audit, plan, name, proposed) is not None):
        if _listed(audit, plan, writeup, proposed) is None:
            again = quoted(audit.commands.publish(writeup))
            told = f"is a result of {writeup}, of which nothing is published: remove it, or {again} publishes all"
        else:
            record, again = publication_file(plan.results, writeup), audit.commands.record(plan.results, writeup)
            told = f"is a result of {writeup} that {record} does not list: {quoted(again)} lists it, or remove it"
        said |= dict.fromkeys(published_files(plan, writeup), told)
    return said


def _listed(audit: Audit, plan: Plan, writeup: str, proposed: Mapping[str, Publication]) -> Mapping[str, str] | None:
    """Return the hashes of what is published of a writeup, or None, with a finding unless there is no record at all."""
    if writeup in proposed:
        return proposed[writeup].files
    path = publication_file(plan.results, writeup)
    content = audit.read(path, PUBLICATION)
    if content is not None and content["writeup"] != writeup:
        audit.report(path, f"is the record of {content['writeup']!r}; {audit.commands.restore(path)}")
        return None
    return None if content is None else dict(content["files"])


def _unrecorded(plan: Plan, writeup: str) -> set[Path]:
    """Return the files of a writeup that may be there if nothing says which ones were published."""
    return {file for file in plan.all_files() if writeup in file.parts or file.suffix == ".json"}
