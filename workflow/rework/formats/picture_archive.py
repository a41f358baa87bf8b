"""Photographs in a .tgz, read one by one without unpacking anything to disk, and scaled to one size."""

import gzip
import io
import tarfile
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rework.errors import DataError
from rework.formats.tar_headers import SmallHeader, headers

LARGEST_MEMBER = 30 * 2**20  # bytes
LARGEST_PICTURE = 50_000_000  # pixels
SMALLEST_SIDE = 8


def read_members(path: Path, wanted: Callable[[PurePosixPath], bool]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of the wanted regular files of an archive, in its order.

    Raises:
        DataError: the archive is missing or damaged, has too many members, or a wanted one has an unsafe name or is too
            large.
    """
    try:
        with path.open("rb") as packed, gzip.GzipFile(fileobj=packed) as stream:
            with tarfile.open(fileobj=stream, mode="r|", tarinfo=SmallHeader) as archive:
                yield from _wanted_members(archive, path, wanted)
            # tarfile takes a damaged header for the end. Reading to the real end makes gzip verify its checksum.
            while stream.read(2**20):
                pass
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise DataError(f"{path}: not a whole .tgz archive ({error})") from None


def _wanted_members(
    archive: tarfile.TarFile, path: Path, wanted: Callable[[PurePosixPath], bool]
) -> Iterator[tuple[str, bytes]]:
    for member in headers(archive, path):
        name = PurePosixPath(member.name)
        if not member.isfile() or not wanted(name):
            continue
        if name.is_absolute() or ".." in name.parts:
            raise DataError(f"{path}: {member.name!r} leads out of the archive")
        if member.size > LARGEST_MEMBER:
            raise DataError(f"{path}: {name} has {member.size} bytes, expected at most {LARGEST_MEMBER}")
        content = archive.extractfile(member)
        assert content is not None, "a regular file has content"
        yield str(name), content.read()


def square_picture(content: bytes, size: int, where: str) -> NDArray[np.uint8]:
    """Return the middle of a picture, scaled to cover size × size, as bytes 3 x size x size.

    Raises:
        DataError: it is not a picture, or is damaged, too large or too small.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content))
            if picture.width * picture.height > LARGEST_PICTURE or min(picture.size) < SMALLEST_SIDE:
                raise DataError(f"{where}: {picture.width} × {picture.height} pixels are too many or too few")
            # A JPEG decodes to about the desired size several times faster than in full.
            picture.draft("RGB", (2 * size, 2 * size))
            colours = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DataError(f"{where}: not a whole picture ({error})") from None
    scale = size / min(colours.size)
    width, height = (max(size, round(side * scale)) for side in colours.size)
    scaled = np.asarray(colours.resize((width, height), Image.Resampling.LANCZOS))
    top, left = (height - size) // 2, (width - size) // 2
    middle = scaled[top : top + size, left : left + size]
    return np.ascontiguousarray(middle.transpose(2, 0, 1))
