"""Zip archives: members read one by one without unpacking anything to disk, and written with equal bytes each time."""

import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from rework.errors import DataError
from rework.files import atomic_path

_EARLIEST = (1980, 1, 1, 0, 0, 0)


def read_zip_members(
    path: Path, wanted: Callable[[PurePosixPath], bool], largest: int
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield name and content of the files in an archive that are wanted, in the archive's order.

    Args:
        path: of the archive.
        wanted: says of a member's name whether to read it.
        largest: number of bytes that a wanted member may have.

    Raises:
        DataError: the archive is missing or damaged, or a wanted member is too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                name = PurePosixPath(member.filename)
                if member.is_dir() or not wanted(name):
                    continue
                if member.file_size > largest:
                    raise DataError(f"{path}: {name} has {member.file_size} bytes, expected at most {largest}")
                yield name, archive.read(member)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: not a whole zip archive ({error})") from None


def write_zip(path: Path, members: Iterable[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> None:
    """Write names and contents, in this order, all with the earliest time that the format knows."""
    with atomic_path(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), content, compression)
