"""Zip archives, read member by member without unpacking to disk, and written with the same bytes each time."""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath

from rework.errors import DataError
from rework.files import atomic_path
from rework.formats.decoding import declared
from rework.formats.member_names import is_litter, member_path, short_name

# What can be unpacked piece by piece; all archives of the data sets are of these two kinds.
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def read_zip_members(
    path: Path, wanted: Callable[[PurePosixPath], bool], largest: int
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield the name and content of the wanted files in an archive, in its order; what systems leave there is passed.

    Args:
        path: the archive.
        wanted: tells from a member's name whether to read it.
        largest: the largest permitted size of a wanted member, in bytes.

    Raises:
        DataError: the archive is missing or damaged, or a wanted member is there twice, too large or compressed in a
            rare way.
    """
    seen: set[PurePosixPath] = set()
    # A name, a size or a checksum that is damaged may make zipfile raise almost anything.
    with (
        declared(path, "not a whole zip archive", "pack it again, or fetch it again"),
        zipfile.ZipFile(path) as archive,
    ):
        for member in archive.infolist():
            name = member_path(member.filename)
            if member.is_dir() or is_litter(name) or not wanted(name):
                continue
            if name in seen:
                raise DataError(f"{path}: {short_name(name)} is in it twice")
            seen.add(name)
            if member.file_size > largest:
                raise DataError(f"{path}: {short_name(name)} has {member.file_size} bytes, expected at most {largest}")
            if member.compress_type not in _COMPRESSIONS:
                raise DataError(f"{path}: {short_name(name)} is neither stored nor deflated; pack the archive again")
            # ZipFile.read unpacks all that the member holds before it cuts it to the size that the header states.
            with archive.open(member) as stream:
                content = stream.read(member.file_size + 1)
            yield name, content


def write_zip(path: Path, members: Iterable[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> None:
    """Write members (name, content) in this order, all with the earliest time that the format can express."""
    with atomic_path(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), content, compression)
