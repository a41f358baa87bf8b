"""Results that are read again, checked against the SHA-256 that was recorded when they were made.

A result that was changed since, by a disk or by hand, must not go into others unnoticed. What a step writes has its
hashes in the step's record, which is JSON; a record holds the hash of the rest of itself.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rework.errors import DataError
from rework.files import canonical_json, read_json, sha256_file, sha256_text, write_json

SEAL = "record_sha256"
"""The key of a record's own hash."""
FORMAT = "record_format"
"""The key of a record's format. A record that has one has a hash; otherwise, one whose hash lost its name by a flipped
bit would pass as a record from before they had hashes."""
_CURRENT = 2
PUBLISHED = "reference"
"""The folder of published results, which no rule makes."""


class RecordError(DataError):
    """A record that cannot be used. ``said`` is what is wrong with it, without its path and what to do."""

    def __init__(self, path: Path, said: str) -> None:
        super().__init__(f"{path}: {said}; {remedy(path)}")
        self.said = said


def write_record(path: Path, content: Mapping[str, Any]) -> None:
    """Write a record as JSON, with the SHA-256 of its content, in place of one that is there."""
    # As it will be read: keys that are numbers become text, and are sorted as such.
    plain = json.loads(canonical_json({**content, FORMAT: _CURRENT}))
    plain.pop(SEAL, None)
    write_json(path, {**plain, SEAL: _hash(plain)})


def read_record(path: Path) -> dict[str, Any]:
    """Return the content of a record, without its hash and format, after checking it.

    One with neither was written before records had any, and is taken as it is, unless one of its keys looks like a
    damaged name of either.

    Raises:
        RecordError: the record is missing, is not a JSON object, or was changed.
    """
    try:
        content = read_json(path)
    except DataError as error:
        raise RecordError(path, str(error).removeprefix(f"{path}: ")) from None
    if not isinstance(content, dict):
        raise RecordError(path, "not a JSON object")
    seal = content.pop(SEAL, None)
    if seal is None and (FORMAT in content or any(map(_like_a_mark, content))):
        raise RecordError(path, f"it has lost its {SEAL}, so it was changed after it was made")
    if seal is not None and seal != _hash(content):
        raise RecordError(path, f"its {SEAL} is not that of its content, so it was changed after it was made")
    content.pop(FORMAT, None)
    return content


def verified_sha256(path: Path) -> str:
    """Return the SHA-256 of a result, after comparing it with the one in the record beside it.

    Raises:
        DataError: the file or its record is missing or changed.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such file; {remedy(path)}")
    if path.suffix == ".json":
        read_record(path)
        return sha256_file(path)
    for record, expected in _recorded(path):
        return check_sha256(path, expected, record.name)
    raise DataError(f"{path}: no record beside it holds its SHA-256; {remedy(path)}")


def check_sha256(path: Path, expected: str, record: str) -> str:
    """Return the SHA-256 of a file if it is the expected one, which the file ``record`` beside it holds.

    Raises:
        DataError: it is another.
    """
    found = sha256_file(path)
    if found != expected:
        raise DataError(
            f"{path}: its SHA-256 is not the one in {record}, so it was changed after it was made; {remedy(path)}"
        )
    return found


def remedy(path: Path) -> str:
    """Return what makes a missing or damaged result, as the end of a message."""
    if PUBLISHED in path.parts:
        return f"'git restore {path}' brings back what was published"
    if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises for what a folder hides
        return f"'snakemake --cores 1 {path}' makes it"
    return f"'snakemake --cores 1 --force {path}' makes it again"


def runs_read(writeup: str, description: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the runs of an artefact with the seeds whose results it has read: some show only the first one's.

    Args:
        writeup: its writeup.
        description: its ``runs``, with the seeds that they have in the configuration, and its ``provenance``.
    """
    inputs = description["provenance"]["inputs"]

    def seeds(run: Mapping[str, Any]) -> list[int]:
        place = re.compile(rf"(?:runs|readings/[^/]+)/{re.escape(writeup)}/{re.escape(run['run'])}/seed(\d+)[/.]")
        read = {int(found[1]) for found in map(place.match, inputs) if found}
        return sorted(read) or list(run["seeds"])

    return [{**run, "seeds": seeds(run)} for run in description["runs"]]


def _recorded(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the records beside a file that hold its hash, with the hash."""
    beside = ("provenance.json", "metrics.json", "dataset.json", f"{path.stem}.json")
    for record in (path.with_name(name) for name in beside):
        outputs = _outputs(read_record(record)) if record.is_file() else {}
        if path.name in outputs:
            yield record, outputs[path.name]


def _outputs(content: Mapping[str, Any]) -> dict[str, str]:
    """Return the hashes in a record: of a step, or of one whose provenance is a part of it."""
    provenance = content.get("provenance")
    holder = provenance if isinstance(provenance, dict) else content
    outputs = holder.get("outputs")
    return outputs if isinstance(outputs, dict) else {}


def _like_a_mark(key: str) -> bool:
    """Return whether a key differs from a name of this module in one or two of its characters."""
    return any(
        len(key) == len(name) and sum(found != meant for found, meant in zip(key, name, strict=True)) <= 2
        for name in (SEAL, FORMAT)
    )


def _hash(content: Mapping[str, Any]) -> str:
    return sha256_text(canonical_json(content))
