"""Zip archives, read member by member without unpacking to disk, and written with the same bytes each time."""

import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from rework.errors import DataError
from rework.files import atomic_path

# What can be unpacked piece by piece; all archives of the data sets are of these two kinds.
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def read_zip_members(
    path: Path, wanted: Callable[[PurePosixPath], bool], largest: int
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield the name and content of the wanted files in an archive, in its order.

    Args:
        path: the archive.
        wanted: tells from a member's name whether to read it.
        largest: the largest permitted size of a wanted member, in bytes.

    Raises:
        DataError: the archive is missing or damaged, or a wanted member is too large or compressed in a rare way.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                name = PurePosixPath(member.filename)
                if member.is_dir() or not wanted(name):
                    continue
                if member.file_size > largest:
                    raise DataError(f"{path}: {name} has {member.file_size} bytes, expected at most {largest}")
                if member.compress_type not in _COMPRESSIONS:
                    raise DataError(f"{path}: {name} is neither stored nor deflated; pack the archive again")
                # ZipFile.read unpacks all that the member holds before it cuts it to the size that the header states.
                with archive.open(member) as stream:
                    yield name, stream.read(member.file_size + 1)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: not a whole zip archive ({error})") from None


def write_zip(path: Path, members: Iterable[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> None:
    """Write members (name, content) in this order, all with the earliest time that the format can express."""
    with atomic_path(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), content, compression)
