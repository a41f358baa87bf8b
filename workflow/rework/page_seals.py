"""The last line of a report's page and of its PDF: the hash of its manifest, and of all that precedes the line.

The manifest holds the hashes of what the report was made from. Whoever has a printed or sent report has so an anchor
outside the results: rewritten results have another manifest, and with it other reports.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

_LINE = "{start}manifest {manifest}, all above {above}{end}\n"
_MARKS = {".html": ("<!-- ", " -->"), ".pdf": ("%", "")}
_LONGEST = 200
"""Bytes of the last line."""


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
    content = path.read_bytes()
    start, end = map(re.escape, _MARKS[path.suffix])
    line = re.compile(rf"{start}manifest ([0-9a-f]{{64}}), all above ([0-9a-f]{{64}}){end}\n\Z".encode())
    found = line.search(content, max(0, len(content) - _LONGEST))
    if found is None:
        return None
    above = hashlib.sha256(content[: found.start()]).hexdigest()
    return Seal(found[1].decode(), above == found[2].decode())
