"""Whether a file is of the format that its name says: the proof before a checksum is recorded at the first use.

A server that is asked for a file may answer with a page for people (a log-in, consent or error page) or a message for
programs. Recorded, the checksum of such a page would refuse the good file from then on.
"""

import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from rework.errors import ReworkError
from rework.first_bytes import START, is_page, looks_like, start_of
from rework.formats.inflating import GZIP, XZ, Inflated
from rework.formats.karpathy import read_captions
from rework.formats.letter_lines import read_letter_lines
from rework.formats.review_archive import read_reviews
from rework.formats.tar_headers import MOST_INFLATED, MOST_MEMBERS, SmallHeader, headers
from rework.messages import short_reason

_PIECE = 2**20
_LEGACY_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # a pickle of torch's own magic number
_Reader = Callable[[Path], object]


def fault_of(path: Path, name: str) -> str | None:
    """Return what is wrong with a file of the name ``name`` (which tells its format), or None if it proves itself.

    First its first bytes are compared with those of the format, then the whole file is read as its reader does.
    """
    wanted, magics, reader = _format(name)
    start = start_of(path)
    if not start.startswith(magics) or not start or is_page(start):
        found = looks_like(start) or f"something else (it starts with {start[:8].hex(' ')})"
        return f"looks like {found}; expected {wanted}"
    try:
        reader(path)
    except ReworkError as error:
        return f"is not {wanted}: {str(error).removeprefix(f'{path}: ')}"
    except Exception as error:  # a damaged file may make a decoder raise almost anything
        return f"is not {wanted}, or not a whole one ({short_reason(error)})"
    return None


def _format(name: str) -> tuple[str, tuple[bytes, ...], _Reader]:
    """Return the name of the format of a file, how such files begin, and its reader."""
    lower = name.lower()
    return next(
        (found for suffix, found in _FORMATS.items() if lower.endswith(suffix)),
        ("a file with content", (b"",), _read_nothing),
    )


def _read_gzip(path: Path) -> None:
    with path.open("rb") as packed:
        stream = Inflated(packed, MOST_INFLATED)
        start = stream.read(START)
        stream.finish()
    if is_page(start) or not start:
        raise ValueError(f"it holds {looks_like(start)}")


def _read_tar(path: Path) -> None:
    with path.open("rb") as packed:
        stream: BinaryIO = Inflated(packed, MOST_INFLATED)  # type: ignore[assignment] # tarfile only reads
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=SmallHeader) as archive:
            files = sum(member.isfile() for member in headers(archive, path, MOST_MEMBERS))
        stream.finish()  # type: ignore[attr-defined]
    if not files:
        raise ValueError("it holds no files")


def _read_zip(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > MOST_INFLATED:
            raise ValueError(f"it unpacks to more than {MOST_INFLATED:,} bytes")
        if not any(not member.is_dir() for member in members):
            raise ValueError("it holds no files")
        for member in members:
            # Reading a member to its end compares its checksum.
            with archive.open(member) as stream:
                while stream.read(_PIECE):
                    pass


def _read_weights(path: Path) -> None:
    # An old file is a pickle, which only torch reads, and importing that takes seconds.
    if start_of(path).startswith(_ZIP):
        _read_zip(path)


def _read_nothing(_path: Path) -> None:
    """Accept a file whose first bytes say enough."""


def _read_text(path: Path) -> None:
    path.read_text(encoding="utf-8-sig")


def _read_json(path: Path) -> None:
    json.loads(path.read_bytes())


_GZIP, _ZIP = (GZIP,), (b"PK\x03\x04",)
_TARS = (GZIP, XZ)
_TEXT = (b"",)
# The first suffix that fits counts. A file of the data sets with a reader of its own stands before its general kind.
_FORMATS: Mapping[str, tuple[str, tuple[bytes, ...], _Reader]] = {
    "letter.data.gz": ("a gzip file of letters", _GZIP, read_letter_lines),
    # It has more members than any other archive.
    "aclimdb_v1.tar.gz": ("the archive of reviews", _TARS, read_reviews),
    "dataset.json": ("captions in JSON", _TEXT, read_captions),
    ".tar.gz": ("a .tar.gz archive", _TARS, _read_tar),
    ".tgz": ("a .tgz archive", _TARS, _read_tar),
    ".gz": ("a gzip file", _GZIP, _read_gzip),
    ".zip": ("a zip archive", _ZIP, _read_zip),
    ".npz": ("an .npz of arrays", _ZIP, _read_zip),
    ".pth": ("a file of torch weights", (*_ZIP, _LEGACY_TORCH), _read_weights),
    ".pt": ("a file of torch weights", (*_ZIP, _LEGACY_TORCH), _read_weights),
    ".jpg": ("a JPEG picture", (b"\xff\xd8\xff",), _read_nothing),
    ".png": ("a PNG picture", (b"\x89PNG\r\n\x1a\n",), _read_nothing),
    ".json": ("JSON", _TEXT, _read_json),
    ".csv": ("a table in text", _TEXT, _read_text),
    ".txt": ("a text", _TEXT, _read_text),
}
