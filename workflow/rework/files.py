"""Reading and writing files such that a crash never leaves half a file, and equal contents give equal bytes."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rework.errors import DataError, ReworkError, StorageError
from rework.system_faults import NO_ROOM, fault_number, fault_sentence

LARGEST_RECORD = 64 * 2**20
"""Bytes of JSON that are read of a file; the largest in use, the manifest of all artefacts, has 1 MB."""

# A process's umask can only be read by setting it, so it is read once, at import, before any thread starts.
_UMASK = os.umask(0)
os.umask(_UMASK)


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that replaces it, flushed to disk, if the block ends without an error.

    Raises:
        StorageError: it cannot be written; the message names it, the reason and the space that is left.
    """
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        partial = Path(name)
    try:
        with storage_errors(path, partial):
            yield partial
        with storage_errors(path):
            with partial.open("rb") as written:
                os.fsync(written.fileno())
            partial.chmod(0o666 & ~_UMASK)
            partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def storage_errors(path: Path, own: Path | None = None) -> Iterator[None]:
    """Raise what the system has against a file as the declared error.

    Args:
        path: the file.
        own: if given, faults that name a file are left alone unless it is this one: the block may read others.
    """
    try:
        yield
    except Exception as error:
        number = fault_number(error)
        named = [name for name in (getattr(error, key, None) for key in ("filename", "filename2")) if name is not None]
        other = own is not None and named and all(Path(os.fsdecode(name)) != own for name in named)
        # Nothing that is only read has no room.
        if number is None or isinstance(error, ReworkError) or (other and number not in NO_ROOM):
            raise
        raise StorageError(fault_sentence(error, path)) from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` atomically."""
    with atomic_path(path) as partial:
        partial.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write ``content`` to ``path`` atomically, as UTF-8 with Unix line endings."""
    write_bytes(path, content.encode())


def canonical_json(value: Any) -> str:
    """Return one-line JSON with sorted keys, so that equal values give equal text. NaN and infinity are refused.

    >>> canonical_json({"b": [1, 2.5], "a": None})
    '{"a":null,"b":[1,2.5]}'
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as indented JSON with sorted keys. NaN and infinity are refused (they are not JSON)."""
    write_text(path, json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1) + "\n")


def read_json(path: Path) -> Any:
    """Return the content of a JSON file.

    Raises:
        DataError: the file is missing, too large or not JSON; the message names it.
    """
    try:
        return json.loads(read_bounded(path, LARGEST_RECORD).decode())
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not a JSON file ({error})") from None


def read_bounded(path: Path, most: int) -> bytes:
    """Return the content of a file that has no reason to be large; a sparse file can be of any size.

    Raises:
        DataError: it holds more than that many bytes.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        content = b"" if size > most else file.read(size + 1)
        if len(content) > size:  # it grows, or is one of the kernel's, which have no size
            content += file.read(most + 1 - len(content))
    if size > most or len(content) > most:
        raise DataError(f"{path}: {beyond(max(size, len(content)), most)}")
    return content


def beyond(size: int, most: int) -> str:
    """Return that a file is larger than what is read of its kind."""
    return f"holds {size:,} bytes, more than the {most:,} that are read of a file of this kind"


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def sha256_text(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
