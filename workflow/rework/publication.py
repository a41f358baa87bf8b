"""What is published of a writeup: the files, with their hashes, and the artefacts that were left out, with why.

The folder of published results holds such a record for each writeup. Without it, a file that was lost would pass for
one that was never published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rework.errors import DataError
from rework.record_shapes import PUBLICATION, read_shaped
from rework.recorded import write_record

FOLDER = "published"
NOT_PUBLISHED = "It is not among the published results yet."


@dataclass(frozen=True)
class Publication:
    """The files of a published writeup, by path relative to the results, and why artefacts are not among them."""

    files: Mapping[str, str]
    left_out: Mapping[str, str]


def publication_file(results: Path, writeup: str) -> Path:
    """Return the path of the record of a writeup's publication."""
    return results / FOLDER / f"{writeup}.json"


def read_publication(results: Path, writeup: str) -> Publication | None:
    """Return what is published of a writeup, or None if nothing is.

    Raises:
        DataError: the record is damaged.
    """
    path = publication_file(results, writeup)
    if not path.exists():
        return None
    content = read_shaped(path, PUBLICATION)
    if content["writeup"] != writeup:
        raise DataError(f"{path}: it is the record of {content['writeup']!r}; 'git restore {path}' brings its own back")
    return Publication(content["files"], content["left_out"])


def write_publication(results: Path, writeup: str, publication: Publication) -> None:
    """Record what is published of a writeup."""
    content = {"writeup": writeup, "files": dict(publication.files), "left_out": dict(publication.left_out)}
    write_record(publication_file(results, writeup), content)
