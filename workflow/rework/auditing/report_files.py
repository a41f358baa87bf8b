"""The report's files against each other, and its manifest against the records that it was made from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rework import paths
from rework.auditing.audit import Audit
from rework.auditing.commands import quoted
from rework.auditing.places import FILE, HIDDEN, what_is
from rework.catalogue.plan import Plan
from rework.page_seals import read_seal
from rework.record_shapes import MANIFEST, SIDECAR
from rework.recorded import runs_read
from rework.shapes import printable

SHARED = ("comparable", "runs", "data", "provenance")
"""What the manifest takes over from an artefact's description; of its runs, those that it has read."""


def audit_report(audit: Audit, plan: Plan, records: Sequence[Path]) -> None:
    """Check the manifest against the artefacts and other records, and the other files of the report against it.

    Args:
        audit: the state of the audit.
        plan: the files of the edition.
        records: the records of the edition.
    """
    folder = paths.report_dir(plan.results)
    files = {path.name: path for path in plan.report_files()}
    build = quoted(audit.commands.report(plan.results))
    if not any(audit.what(path) for path in files.values()):
        audit.remarks.append(f"there is no report; {build} builds it")
        return
    for path in files.values():
        if audit.lacks(path):
            audit.report(path, f"is missing; {build} builds it", remake=True)
    path = folder / "manifest.json"
    content = audit.read(path, MANIFEST)
    if content is None:
        return
    if content["edition"] != plan.results.name:
        said = f"is that of the edition {content['edition']!a:.20}; {build} builds it again"
        audit.report(path, said, remake=True)
        return
    if "records" not in content:
        audit.remarks.append(f"{path} is of older code, which recorded no hash of the report; {build} builds it")
    differing = [*_entries(audit, plan, content), *_records(audit, plan, content, records)]
    if differing:
        names = printable(", ".join(dict.fromkeys(differing)))
        said = f"says something else than {names}; {build} builds it again"
        audit.report(path, said, remake=True)
    elif "records" in content:
        _audit_pages(audit, files, content, build)


def _audit_pages(audit: Audit, files: Mapping[str, Path], content: Mapping[str, Any], build: str) -> None:
    """Check the table of values against the manifest, and the page and the PDF against both and themselves."""
    table = files["metrics.csv"]
    if audit.is_file(table) and "metrics_sha256" in content:
        audit.check(table, content["metrics_sha256"], files["manifest.json"])
    manifest = audit.digest(files["manifest.json"])
    for path in (files["report.html"], files["report.pdf"]):
        if not audit.is_file(path) or audit.digest(path) is None:
            continue
        seal = read_seal(path)
        if seal is None or not seal.whole:
            what = "has lost its last line, with its hash" if seal is None else "is not as it was built"
            audit.report(path, f"{what}; {build} builds it again", remake=True)
        elif seal.manifest != manifest:
            said = f"was built with another manifest ({seal.manifest:.12}, there is {manifest:.12})"
            audit.report(path, f"{said}; {build} builds it again", remake=True)


def _records(audit: Audit, plan: Plan, content: Mapping[str, Any], records: Sequence[Path]) -> list[str]:
    """Return the records that are not those that the manifest was made from, and new ones; not those with findings."""
    if "records" not in content:
        return []
    found = []
    for name, digest in content["records"].items():
        path = plan.results / name
        if path in audit.findings or audit.what(path) == HIDDEN:
            continue
        if not audit.is_file(path) or audit.digest(path) != digest:
            found.append(name)
    # A report is made from neither descriptions of models nor readings.
    names = [path.relative_to(plan.results) for path in records if path not in audit.findings and what_is(path) == FILE]
    read = {name.as_posix() for name in names if name.parts[0] not in ("models", "readings")}
    return found + sorted(read.difference(content["records"]))


def _entries(audit: Audit, plan: Plan, content: Mapping[str, Any]) -> list[str]:
    """Return the artefacts of which the manifest says something else than their descriptions, or than there are."""
    entries = {entry["id"]: entry for entry in content["artefacts"]}
    planned = list(plan.catalogue.artefact_ids())
    listed = [entry["id"] for entry in content["artefacts"]]
    if listed != planned:
        odd = {name for name in listed if listed.count(name) > 1} | set(listed).symmetric_difference(planned)
        return sorted(odd) or ["the order of the configuration"]
    return [name for name in planned if _differs(audit, plan, entries[name])]


def _differs(audit: Audit, plan: Plan, entry: Mapping[str, Any]) -> bool:
    sidecar = paths.artefact_file(plan.results, entry["id"], "json")
    if sidecar in audit.findings or what_is(sidecar) == HIDDEN:
        return False
    said = audit.read(sidecar, SIDECAR)
    if said is None or said["status"] != "built":
        return bool(entry["status"] == "built")
    said = {**said, "runs": runs_read(entry["id"].partition("/")[0], said)}
    files = [{"file": name, "sha256": said["provenance"]["outputs"].get(name)} for name in said["files"]]
    return (
        entry["status"] != "built"
        or entry["files"] != files
        or any(entry.get(key) != said.get(key) for key in SHARED)
        or _measured(entry) != _measured(said)
    )


def _measured(entry: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the parts of each value that a manifest entry and an artefact's description have in common.

    Intervals are not among them: they are computed when the report is built.
    """
    return [
        (value["key"], value["metric"], *(value["reproduced"].get(part) for part in ("mean", "values", "seeds")))
        if value["reproduced"] is not None
        else (value["key"], value["metric"])
        for value in entry["values"]
    ]
