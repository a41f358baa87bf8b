"""Generated photographs in the form of the official archives: JPEG files in a .tgz, with the same bytes each time."""

import gzip
import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rework.files import atomic_path

SIDE = 96  # of a generated photograph, in pixels


def write_archive(path: Path, members: Iterable[tuple[str, bytes]]) -> None:
    """Write members (name, content) in this order, without time or owner."""
    with (
        atomic_path(path) as partial,
        partial.open("wb") as stream,
        gzip.GzipFile("", "wb", 6, stream, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as archive,
    ):
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def jpeg(colours: NDArray[np.float64]) -> bytes:
    """Return a picture, H x W x 3 in 0..1, as a JPEG file."""
    content = io.BytesIO()
    Image.fromarray(np.rint(255 * colours.clip(0, 1)).astype(np.uint8)).save(content, "JPEG", quality=88)
    return content.getvalue()


def grid(side: int = SIDE) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return rows and columns of a square picture, from -1 to 1."""
    rows, columns = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    return rows, columns


def grain(random: np.random.Generator, side: int = SIDE) -> NDArray[np.float64]:
    """Return coarse and fine noise in light and dark, H x W x 1."""
    coarse = np.kron(random.normal(0, 0.05, (side // 8, side // 8)), np.ones((8, 8)))
    noise: NDArray[np.float64] = (coarse + random.normal(0, 0.04, (side, side)))[..., None]
    return noise
