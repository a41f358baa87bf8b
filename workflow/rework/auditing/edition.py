"""Checking an edition against what was recorded about it: every planned file, every hash, and files that no rule makes.

Snakemake notices neither a large file that changed nor a result whose run was removed from the configuration. Here,
every hash recorded in a description, a provenance file or an artefact is computed again.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rework import paths
from rework.auditing.audit import Audit
from rework.auditing.commands import Commands
from rework.auditing.places import what_is
from rework.auditing.published import audit_publications, unlisted
from rework.auditing.raw_files import audit_raw_files
from rework.auditing.report_files import audit_report
from rework.auditing.strays import audit_strays
from rework.auditing.units import Record, Unit, units
from rework.catalogue.plan import Plan
from rework.messages import plural
from rework.publication import Publication

SHOWN = 5
"""How many of the results that were not made yet are named."""


def audit_edition(
    plan: Plan,
    data_dir: Path | None,
    *,
    published: bool = False,
    overrides: Mapping[str, Any] | None = None,
    proposed: Mapping[str, Publication] | None = None,
) -> Audit:
    """Recompute every recorded hash of an edition, and look for files that are missing or that nothing asks for.

    Args:
        plan: the files of the edition.
        data_dir: folder of the raw files, to hash those that still exist too; None leaves them out.
        published: whether the folder holds only the small results, so that what they were made from may be absent.
        overrides: values over ``config/config.yaml`` that the plan was made with, for the commands in the findings.
        proposed: what is to be recorded as published of writeups, in place of what the records of them say.
    """
    audit = Audit(Commands(plan.results.parent, overrides or {}))
    unmade = []
    everything = list(units(plan, published=published))
    for unit in everything:
        if any(audit.what(file) for file in unit.files):
            _audit_unit(audit, plan, unit, published)
        else:
            unmade.append(unit)
    expected = audit_publications(audit, plan, unmade, proposed or {}) if published else plan.all_files()
    if not published:
        _tell_unmade(audit, plan, unmade)
    audit_raw_files(audit, plan, data_dir)
    audit_report(audit, plan, [record.path for unit in everything for record in unit.records])
    audit_strays(audit, plan, expected, unlisted(audit, plan, proposed or {}) if published else {})
    return audit


def _audit_unit(audit: Audit, plan: Plan, unit: Unit, published: bool) -> None:
    """Check what the records of a unit say and hold, and that none of its files is missing."""
    for record in unit.records:
        content = audit.read(record.path, record.shape)
        if content is None:
            continue
        hashes = {_locate(name, record.path.parent, plan.results): sha for name, sha in recorded(content).items()}
        wrong = _contradiction(record, content, hashes)
        if wrong:
            audit.report(record.path, f"{wrong}; {audit.commands.remedy(record.path)}", remake=True)
            continue
        for file, digest in hashes.items():
            if not published or what_is(file):
                audit.check(file, digest, record.path)
    for file in unit.files:
        if audit.lacks(file):
            audit.report(file, f"is missing, of the {unit.title}; {audit.commands.remedy(file)}", remake=True)


def recorded(content: Mapping[str, Any]) -> dict[str, str]:
    """Return the hashes in a record by the names that it uses: of its outputs and arrays, and of what it was made from.

    ``train`` writes its provenance as a separate file; the other steps write it under the key ``provenance``.
    """
    provenance = content.get("provenance", content)
    arrays = [part for split in content.get("splits", {}).values() for part in split.values() if isinstance(part, dict)]
    return {
        **provenance.get("inputs", {}),
        **{array["file"]: array["sha256"] for array in arrays},
        **provenance.get("outputs", {}),
    }


def _contradiction(record: Record, content: Mapping[str, Any], hashes: Mapping[Path, str]) -> str | None:
    """Return what a record says that cannot be, or does not say that it must."""
    for key, expected in record.says.items():
        value: Any = content
        for part in key.split("."):
            value = value[part]
        if value != expected or type(value) is not type(expected):
            return f"says {value!a:.100} for {key}, expected {expected!a}: it is the record of something else"
    lacking = [file.name for file in record.covers if file not in hashes]
    return f"holds no hash of {', '.join(lacking)}" if lacking else None


def _locate(name: str, beside: Path, results: Path) -> Path:
    """Return the file of a recorded name: a bare name is beside the record, a path starts at the results folder."""
    return results / name if "/" in name else beside / name


def _tell_unmade(audit: Audit, plan: Plan, unmade: list[Unit]) -> None:
    """Tell what was not made yet; once there is a report, it was made and is lost."""
    if what_is(paths.report_dir(plan.results) / "manifest.json"):
        for unit in unmade:
            for file in unit.files:
                said = f"is missing, as is all of the {unit.title}; {audit.commands.remedy(file)}"
                audit.report(file, said, remake=True)
    elif unmade:
        audit.remarks.append(f"not made yet: {named([unit.title for unit in unmade])}")


def named(titles: list[str]) -> str:
    """Return a list of titles, the first few by name."""
    more = f" and {plural(len(titles) - SHOWN, 'other')}" if len(titles) > SHOWN else ""
    return ", ".join(titles[:SHOWN]) + more
