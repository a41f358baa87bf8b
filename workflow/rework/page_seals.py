"""The last line of a report's page and of its PDF: the hash of its manifest, and of all that precedes the line.

The manifest holds the hashes of what the report was made from. Whoever has a printed or sent report has so an anchor
outside the results: rewritten results have another manifest, and with it other reports.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_LINE = "{start}manifest {manifest}, all above {above}{end}\n"
_MARKS = {".html": ("<!-- ", " -->"), ".pdf": ("%", "")}
_LONGEST = 200
"""Bytes of the last line."""
_PIECE = 2**20


@dataclass(frozen=True)
class Seal:
    """What the last line of a report says: the hash of its manifest, and whether the rest is as it was made."""

    manifest: str
    whole: bool


def sealed(content: bytes, kind: str, manifest: str) -> bytes:
    """Return a report with its last line.

    Args:
        content: of the report, which ends with a line break.
        kind: ``.html`` or ``.pdf``.
        manifest: the SHA-256 of its manifest.
    """
    start, end = _MARKS[kind]
    above = hashlib.sha256(content).hexdigest()
    return content + _LINE.format(start=start, manifest=manifest, above=above, end=end).encode()


def read_seal(path: Path) -> Seal | None:
    """Return what the last line of a report says, or None if it is no such line: the report is older, or cut off."""
    start, end = map(re.escape, _MARKS[path.suffix])
    line = re.compile(rf"{start}manifest ([0-9a-f]{{64}}), all above ([0-9a-f]{{64}}){end}\n\Z".encode())
    with path.open("rb") as file:
        before_last = max(0, file.seek(0, os.SEEK_END) - _LONGEST)
        file.seek(before_last)
        last = file.read(_LONGEST)
        found = line.search(last)
        if found is None:
            return None
        file.seek(0)
        above = _sha256_of_start(file, before_last + found.start())
    return Seal(found[1].decode(), above == found[2].decode())


def _sha256_of_start(file: BinaryIO, size: int) -> str:
    """Return the SHA-256 of the first bytes of a file, which is read in pieces."""
    digest = hashlib.sha256()
    while size and (piece := file.read(min(size, _PIECE))):
        digest.update(piece)
        size -= len(piece)
    return digest.hexdigest()
