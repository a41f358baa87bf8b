"""Earlier descriptions of data sets and weights that published records name.

Writeups are published one after another, and the description of a data set also says by which code its arrays were
made. A writeup that is published later can bring another description of the same arrays; the one before is kept beside
it, because the records of the other writeups name its hash.
"""

import json
from pathlib import Path
from typing import Any

from rework.errors import DataError
from rework.files import LARGEST_RECORD, read_bounded

FOLDER = "earlier"
OF_THE_RECORD = ("layout", "record_format", "record_sha256")
"""Keys of a description's form, not of its content; older code did not write them."""


def earlier_description(path: Path, digest: str) -> Path:
    """Return where the version of a description with this SHA-256 is kept."""
    return path.parent / FOLDER / f"{path.stem}-{digest[:16]}{path.suffix}"


def same_description(one: Path, other: Path) -> bool:
    """Return whether two descriptions say the same of the same arrays or tensors, whatever code made them."""
    said, said_then = _said(one), _said(other)
    return bool(said) and said == said_then


def _said(path: Path) -> dict[str, Any]:
    """Return what a description says, and which files were made; nothing if it is none."""
    try:
        content = dict(json.loads(read_bounded(path, LARGEST_RECORD)))
        provenance = content.pop("provenance", {})
        said = {key: value for key, value in content.items() if key not in OF_THE_RECORD}
        return said and {**said, "outputs": provenance.get("outputs")}
    except (DataError, OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
