"""Checking results against what was recorded about them: hashes, missing files, and files that no rule makes.

Snakemake notices neither a large file that changed nor a result whose run was removed from the configuration. Here,
every hash recorded in a description, a provenance file or an artefact is computed again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rework import paths
from rework.catalogue.plan import Plan, owner_and_name
from rework.earlier import earlier_description, same_description
from rework.errors import DataError
from rework.files import sha256_file
from rework.recorded import read_record, runs_read

SHARED = ("comparable", "runs", "data", "provenance")
"""What the manifest takes over from an artefact's description; of its runs, those that it has read."""

RESULT_FOLDERS = ("data", "models", "weights", "runs", "readings", "artefacts", "report")


@dataclass
class Audit:
    """The state of an audit; every file is hashed only once.

    ``findings`` maps a file, as a path from the working directory, to the first thing that is wrong with it, and
    ``earlier`` are the earlier descriptions that records name.
    """

    findings: dict[Path, str] = field(default_factory=dict)
    hashes: dict[Path, str] = field(default_factory=dict)
    earlier: set[Path] = field(default_factory=set)

    def check(self, path: Path, recorded: str, said_by: Path) -> None:
        """Compare a file with a recorded hash."""
        if path not in self.hashes:
            if not path.is_file():
                self.report(path, f"is missing; {said_by} recorded it")
                return
            self.hashes[path] = sha256_file(path)
        if self.hashes[path] != recorded and not self._is_earlier(path, recorded):
            self.report(path, f"is not what {said_by} recorded ({self.hashes[path][:12]}, recorded {recorded[:12]})")

    def _is_earlier(self, path: Path, recorded: str) -> bool:
        """Return whether an earlier description of the same arrays has the recorded hash."""
        before = earlier_description(path, recorded)
        if not before.is_file():
            return False
        self.earlier.add(before)
        if sha256_file(before) != recorded:
            self.report(before, "was changed: its name has the first digits of the hash that it had")
            return False
        return same_description(before, path)

    def report(self, path: Path, problem: str) -> None:
        """Add a finding, unless the file already has one: the record of its maker comes first and says the most."""
        self.findings.setdefault(path, problem)


def audit_edition(plan: Plan, data_dir: Path | None, *, published: bool = False) -> Audit:
    """Recompute every recorded hash of an edition and look for files that nothing asks for.

    Args:
        plan: the files of the edition.
        data_dir: folder of the raw files, to hash those that still exist too; None leaves them out.
        published: whether the folder holds only the small results, so that what they were made from may be absent.
    """
    audit = Audit()
    for path in _find(plan.results / "data", "*/dataset.json"):
        _audit_dataset(audit, plan, path, data_dir, published)
    for folder, pattern in (
        ("models", "*/*.json"),
        ("runs", "*/*/seed*/provenance.json"),
        ("runs", "*/*/seed*/metrics.json"),
        ("weights", "*.json"),
        ("readings", "*/*/*/seed*.json"),
        ("artefacts", "*/*.json"),
    ):
        for path in _find(plan.results / folder, pattern):
            _audit_provenance(audit, plan.results, path, published)
    _audit_manifest(audit, plan)
    _audit_orphans(audit, plan)
    return audit


def _find(folder: Path, pattern: str) -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith("."))


def _read(audit: Audit, path: Path) -> dict[str, Any]:
    """Return a record; what is none, or was changed, is a finding and is read as an empty object."""
    try:
        return read_record(path)
    except DataError as error:
        audit.report(path, str(error).removeprefix(f"{path}: "))
        return {}


def _audit_dataset(audit: Audit, plan: Plan, path: Path, data_dir: Path | None, published: bool) -> None:
    info = _read(audit, path)
    if not published:
        arrays = [
            part for split in info.get("splits", {}).values() for part in split.values() if isinstance(part, dict)
        ]
        recorded = {array["file"]: array["sha256"] for array in arrays} | info.get("provenance", {}).get("outputs", {})
        for name, digest in recorded.items():
            audit.check(path.parent / name, digest, path)
    for asset in info.get("assets", []):
        raw = _raw_file(plan, path.parent.name, asset["file"], data_dir)
        if raw is not None and raw.is_file():
            audit.check(raw, asset["sha256"], path)


def _raw_file(plan: Plan, dataset: str, file: str, data_dir: Path | None) -> Path | None:
    if plan.edition == "sample":
        return paths.raw_dir(plan.results, dataset) / file
    return None if data_dir is None else data_dir / file


def _audit_provenance(audit: Audit, results: Path, path: Path, published: bool) -> None:
    """Check the inputs and outputs named in a result's provenance.

    ``train`` writes its provenance as a separate file; the other steps write it under the key ``provenance``.
    """
    content = _read(audit, path)
    provenance = content.get("provenance", content)
    for recorded in (provenance.get("outputs", {}), provenance.get("inputs", {})):
        for name, digest in recorded.items():
            file = _locate(name, path.parent, results)
            if file.is_file() or not published:
                audit.check(file, digest, path)


def _locate(name: str, beside: Path, results: Path) -> Path:
    """Return the file of a recorded name: a bare name is beside the record, a path starts at the results folder."""
    return results / name if "/" in name else beside / name


def _audit_manifest(audit: Audit, plan: Plan) -> None:
    """Check the manifest's entries against the artefacts themselves: no other record covers their values."""
    path = paths.report_dir(plan.results) / "manifest.json"
    if not path.is_file():
        return
    differing = []
    for entry in _read(audit, path).get("artefacts", []):
        sidecar = paths.artefact_file(plan.results, entry["id"], "json")
        if entry["status"] == "built" and sidecar.is_file():
            said = _read(audit, sidecar)
            if "runs" in said:
                said = {**said, "runs": runs_read(entry["id"].partition("/")[0], said)}
            differs = any(entry[key] != said[key] for key in SHARED if key in entry and key in said)
            if said and (differs or _measured(entry) != _measured(said)):
                differing.append(entry["id"])
    if differing:
        audit.report(path, f"says something else than {', '.join(differing)}; remove it, and snakemake makes it again")


def _measured(entry: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the parts of each value that a manifest entry and an artefact's description have in common.

    Intervals are not among them: they are computed when the report is built.
    """
    return [
        (value["key"], value["metric"], *(value["reproduced"].get(part) for part in ("mean", "values", "seeds")))
        for value in entry.get("values", ())
    ]


def _audit_orphans(audit: Audit, plan: Plan) -> None:
    expected = plan.all_files()
    generated = {paths.raw_dir(plan.results, name) for name in plan.catalogue.dataset_names()}
    for path in _files(plan.results):
        if path not in expected | audit.earlier and not generated.intersection(path.parents):
            what = "is left from an interrupted write" if path.name.startswith(".") else "is made by no rule"
            audit.report(path, f"{what}; the configuration does not ask for it: remove it")
    checkpoints = {paths.checkpoint_file(plan.results, *owner_and_name(run), seed) for run, seed in plan.runs()}
    for path in sorted((plan.results / "checkpoints").rglob("*.pt")):
        if path not in checkpoints:
            audit.report(path, "is the checkpoint of a run that the configuration does not name: remove it")


def _files(results: Path) -> Iterator[Path]:
    for folder in RESULT_FOLDERS:
        yield from sorted(path for path in (results / folder).rglob("*") if path.is_file())
