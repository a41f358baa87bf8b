"""Headers of tar archives, within limits: Python's reader holds all of them in memory, whatever they announce."""

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from rework.errors import DataError

MOST_MEMBERS = 100_000  # files and folders; the largest archive of pictures in use has fewer than 3,000
MOST_INFLATED = 2**32  # bytes of a whole archive, and so of any member; the largest in use has 340 MB
LARGEST_HEADER = 2**20  # bytes; a long name has some hundred
_METADATA = (
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
)


class SmallHeader(tarfile.TarInfo):
    """The header of a member; as ``tarinfo`` of an archive, it refuses long names and attributes that are too large."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Return the header in a block of 512 bytes, before what it announces is read."""
        header = super().frombuf(buf, encoding, errors)
        _check_size(header)
        if header.type in _METADATA and header.size > LARGEST_HEADER:
            raise tarfile.ReadError(f"a header announces {header.size:,} bytes, expected at most {LARGEST_HEADER:,}")
        return header


def headers(archive: tarfile.TarFile, path: Path, most: int = MOST_MEMBERS) -> Iterator[tarfile.TarInfo]:
    """Yield the headers of an archive that was opened with ``SmallHeader``.

    Raises:
        DataError: there are more than ``most``; ``path`` is the archive's name in the message.
        tarfile.TarError: the archive is damaged, or a header or the size of a member is too large.
    """
    for number, member in enumerate(archive, start=1):
        if number > most:
            raise DataError(f"{path}: holds more than {most:,} files, more than any archive of this kind")
        # An attribute before a header may announce another size than the header itself.
        _check_size(member)
        yield member


def _check_size(header: tarfile.TarInfo) -> None:
    """Refuse a size that no archive has: to skip 8 exabytes, ``tarfile`` reads nothing for years after the end."""
    if not 0 <= header.size <= MOST_INFLATED:
        raise tarfile.ReadError(f"a member announces {header.size:,} bytes, expected at most {MOST_INFLATED:,}")
