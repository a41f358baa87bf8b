"""Results that are read again, checked against the SHA-256 that was recorded when they were made.

A result that was changed since, by a disk or by hand, must not go into others unnoticed. Records themselves are JSON;
who reads one, records its hash.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rework.errors import DataError
from rework.files import read_json, sha256_file


def verified_sha256(path: Path) -> str:
    """Return the SHA-256 of a result, after comparing it with the one in the record beside it.

    Raises:
        DataError: the file or its record is missing, or it is not the file that was recorded.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file; 'snakemake --cores 1 {path}' makes it")
    found = sha256_file(path)
    if path.suffix == ".json":
        return found
    for record, expected in _recorded(path):
        if found != expected:
            raise DataError(
                f"{path}: its SHA-256 is not the one in {record.name}, so it was changed after it was made; "
                f"'snakemake --cores 1 --force {path}' makes it again"
            )
        return found
    raise DataError(
        f"{path}: no record beside it holds its SHA-256; 'snakemake --cores 1 --force {path}' makes it again"
    )


def _recorded(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the records beside a file that hold its hash, with the hash."""
    beside = ("provenance.json", "metrics.json", "dataset.json", f"{path.stem}.json")
    for record in (path.with_name(name) for name in beside):
        outputs = _outputs(read_json(record)) if record.is_file() else {}
        if path.name in outputs:
            yield record, outputs[path.name]


def _outputs(record: Any) -> dict[str, str]:
    """Return the hashes in a record: of a step, or of one whose provenance is a part of it."""
    content = record if isinstance(record, dict) else {}
    provenance = content.get("provenance")
    holder = provenance if isinstance(provenance, dict) else content
    outputs = holder.get("outputs")
    return outputs if isinstance(outputs, dict) else {}
