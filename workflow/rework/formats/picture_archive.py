"""Photographs in a .tgz, read one by one without unpacking anything to disk, and scaled to one size."""

import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rework.errors import DataError
from rework.formats.decoding import declared
from rework.formats.inflating import Inflated
from rework.formats.member_names import is_litter, member_path, short_name
from rework.formats.pictures import on_white, opened, turn_of
from rework.formats.tar_headers import MOST_INFLATED, SmallHeader, headers

LARGEST_MEMBER = 30 * 2**20  # bytes
LARGEST_PICTURE = 50_000_000  # pixels
SMALLEST_SIDE = 8


def read_members(path: Path, wanted: Callable[[PurePosixPath], bool]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of the wanted regular files of an archive, in its order; litter is passed.

    Raises:
        DataError: the archive is missing or damaged, has too many members or inflates to too much, or a wanted one has
            an unsafe name, is there twice or is too large.
    """
    with declared(path, "not a whole .tgz archive", "fetch it again"), path.open("rb") as packed:
        stream = Inflated(packed, MOST_INFLATED)
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=SmallHeader) as archive:  # type: ignore[call-overload]
            yield from _wanted_members(archive, path, wanted)
        # tarfile takes a damaged header for the end. Reading to the real end makes gzip verify its checksum.
        stream.finish()


def _wanted_members(
    archive: tarfile.TarFile, path: Path, wanted: Callable[[PurePosixPath], bool]
) -> Iterator[tuple[str, bytes]]:
    seen: set[PurePosixPath] = set()
    for member in headers(archive, path):
        name = member_path(member.name)
        if not member.isfile() or is_litter(name) or not wanted(name):
            continue
        if name.is_absolute() or ".." in name.parts:
            raise DataError(f"{path}: {short_name(member.name)!r} leads out of the archive")
        if name in seen:
            raise DataError(f"{path}: {short_name(name)} is in it twice")
        seen.add(name)
        if member.size > LARGEST_MEMBER:
            raise DataError(f"{path}: {short_name(name)} has {member.size} bytes, expected at most {LARGEST_MEMBER}")
        content = archive.extractfile(member)
        assert content is not None, "a regular file has content"
        yield str(name), content.read()


def square_picture(content: bytes, size: int, where: str) -> NDArray[np.uint8]:
    """Return the middle of an upright picture, scaled to cover size × size, as bytes 3 x size x size.

    Transparent pixels become white, and grey levels with 16 bits keep the upper 8.

    Raises:
        DataError: it is not a picture, or is damaged, too large or too small.
    """
    with opened(io.BytesIO(content), where) as picture:
        if picture.width * picture.height > LARGEST_PICTURE or min(picture.size) < SMALLEST_SIDE:
            raise DataError(
                f"{where}: {picture.width} × {picture.height} pixels are too many or too few; expected at least "
                f"{SMALLEST_SIDE} a side and at most {LARGEST_PICTURE:,} in all"
            )
        turn = turn_of(picture)
        # A JPEG decodes to about the desired size several times faster than in full.
        picture.draft("RGB", (2 * size, 2 * size))
        colours = on_white(picture)
    if turn is not None:
        colours = colours.transpose(turn)
    scale = size / min(colours.size)
    width, height = (max(size, round(side * scale)) for side in colours.size)
    scaled = np.asarray(colours.resize((width, height), Image.Resampling.LANCZOS))
    top, left = (height - size) // 2, (width - size) // 2
    middle = scaled[top : top + size, left : left + size]
    return np.ascontiguousarray(middle.transpose(2, 0, 1))
