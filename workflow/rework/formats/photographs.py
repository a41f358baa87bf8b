"""Opening photographs from any source."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rework.errors import DataError
from rework.formats.pictures import on_white, opened, turn_of

MOST_PIXELS = 2_500_000  # of the returned picture; at this size, the letters of a full page are 20 rows high or more
SMALLEST_SIDE = 32  # pixels: the size of one letter of the training data


def open_photograph(path: Path) -> NDArray[np.uint8]:
    """Return a photograph as RGB bytes, H x W x 3, upright, and scaled down to about 2.5 megapixels if it is larger.

    Transparent pixels become white, like paper; of grey levels with 16 bits the upper 8 are kept.

    Raises:
        DataError: the file is missing, damaged, not a picture, or far too large or too small.
    """
    return _opened(path, str(path))


def photograph_from(content: bytes, where: str) -> NDArray[np.uint8]:
    """Return the same for the content of a file; ``where`` names it in messages.

    Raises:
        DataError: it is damaged, not a picture, or far too large or too small.
    """
    return _opened(io.BytesIO(content), where)


def _opened(source: Path | io.BytesIO, path: str) -> NDArray[np.uint8]:
    with opened(source, path) as picture:
        _check_size(path, picture)
        return _upright(picture)


def _check_size(path: str, picture: Image.Image) -> None:
    if min(picture.size) < SMALLEST_SIDE:
        raise DataError(
            f"{path}: {picture.width} × {picture.height} pixels are too few; expected at least {SMALLEST_SIDE} a side"
        )


def _upright(picture: Image.Image) -> NDArray[np.uint8]:
    share = min(1.0, (MOST_PIXELS / (picture.width * picture.height)) ** 0.5)
    size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
    turn = turn_of(picture)
    # A JPEG decodes to about the desired size several times faster than in full.
    picture.draft("RGB", size)
    colours = on_white(picture)
    if share < 1:
        colours = colours.resize(size, Image.Resampling.BOX)
    return np.asarray(colours if turn is None else colours.transpose(turn))
