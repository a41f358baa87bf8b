"""Raw files: those that were generated for the sample edition, and those that data sets were made from."""

from pathlib import Path

from rework import paths
from rework.auditing.audit import Audit
from rework.auditing.commands import quoted
from rework.auditing.places import FILE, FOLDER, HIDDEN, NOTHING, what_is
from rework.catalogue.plan import Plan
from rework.record_shapes import DATASET, GENERATED, WEIGHTS
from rework.shapes import Keys
from rework.verification import record_path

OF_SNAKEMAKE = ".snakemake_timestamp"
"""What it leaves in a folder that a rule declares."""


def audit_raw_files(audit: Audit, plan: Plan, data_dir: Path | None) -> None:
    """Check the generated raw files of the sample edition, or the downloaded ones that were read."""
    if plan.edition == "sample":
        for name in plan.catalogue.dataset_names():
            _audit_generated(audit, plan, name)
    elif data_dir is not None:
        _audit_downloaded(audit, plan, data_dir)


def _audit_generated(audit: Audit, plan: Plan, dataset: str) -> None:
    """Compare the generated files of a data set with the record of them."""
    folder, record = paths.raw_dir(plan.results, dataset), paths.raw_record(plan.results, dataset)
    description = paths.dataset_dir(plan.results, dataset) / "dataset.json"
    if plan.layout(dataset).drawn or not (audit.what(folder) or what_is(description)):
        return
    remedy = audit.commands.remedy(folder)
    if what_is(folder) == HIDDEN:
        return
    if what_is(folder) != FOLDER:
        audit.report(folder, f"is missing: the files that {description} was made from; {remedy}", remake=True)
        return
    content = audit.read(record, GENERATED)
    if audit.lacks(record):
        audit.report(record, f"is missing: the hashes of the files beside it; {remedy}", remake=True)
    if content is None:
        return
    made = {folder / name: digest for name, digest in content["outputs"].items()}
    for path, digest in made.items():
        _check(audit, path, digest, record, remedy, generated=True)
    for path in audit.within(folder):
        if audit.what(path) != HIDDEN and path not in made and path.name not in (record.name, OF_SNAKEMAKE):
            audit.report(path, f"was not generated with the other raw files; remove it, or {remedy}")


def _audit_downloaded(audit: Audit, plan: Plan, data_dir: Path) -> None:
    """Compare raw files with the records of what was made from them; they may be gone once that is there."""
    known: set[Path] = {data_dir / asset.file for asset in plan.catalogue.assets.values()}
    gone = []
    for path, shape in _descriptions(plan):
        for asset in (audit.read(path, shape) or {}).get("assets", []):
            raw = data_dir / asset["file"]
            known.add(raw)
            get = f"move it away, and {quoted(audit.commands.fetch(asset['id']))} gets the one that was read"
            if audit.what(raw) != NOTHING:
                _check(audit, raw, asset["sha256"], path, get)
            else:
                gone.append(str(raw))
    if gone:
        audit.remarks.append(f"raw files that are gone since they were read: {', '.join(dict.fromkeys(gone))}")
    kept = known | {record_path(path) for path in known}
    strange = [
        str(path)
        for folder in sorted({path.parent for path in known})
        for path in (audit.listed(folder) if audit.what(folder) == FOLDER else ())
        if path not in kept and what_is(path) not in (FOLDER, HIDDEN) and not _is_known(path)
    ]
    if strange:
        audit.remarks.append(f"files beside raw files that no data set reads: {', '.join(strange)}")


def _is_known(path: Path) -> bool:
    """Return whether a file is one that a download has put beside another that it found, or a hidden one."""
    return ".other-" in path.name or path.name.startswith(".")


def _descriptions(plan: Plan) -> list[tuple[Path, Keys]]:
    data = [(plan.dataset_files(name)[0], DATASET) for name in plan.catalogue.dataset_names()]
    weights = [(plan.initial_files(asset)[1], WEIGHTS) for asset in plan.catalogue.initial_assets()]
    return [(path, shape) for path, shape in (*data, *weights) if what_is(path) == FILE]


def _check(audit: Audit, path: Path, digest: str, record: Path, what_to_do: str, *, generated: bool = False) -> None:
    """Compare a raw file with a recorded hash; one that was generated can be made again."""
    if audit.lacks(path):
        audit.report(path, f"is missing; {record} recorded it; {what_to_do}", remake=generated)
    if not audit.is_file(path):
        return
    found = audit.digest(path, raw=True)
    if found not in (None, digest):
        said = f"is not what {record} recorded ({found:.12}, recorded {digest:.12}); {what_to_do}"
        audit.report(path, said, remake=generated)
