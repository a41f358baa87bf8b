"""Opening a photograph that anyone may have brought along."""

import struct
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from rework.errors import DataError

MOST_PIXELS = 2_500_000  # of the picture that is returned; letters of a full page have 20 rows and more at that
SMALLEST_SIDE = 32  # pixels: the size of one letter of the training data
# What undoes each way of holding the camera that EXIF knows of.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, TypeError, struct.error)


def open_photograph(path: Path) -> NDArray[np.uint8]:
    """Return a photograph as RGB bytes, H x W x 3, upright, and scaled down to about 2.5 megapixels if it is larger.

    Transparent pixels turn white, as paper is.

    Raises:
        DataError: the file is missing, no picture, damaged, or far too large or too small.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
            with Image.open(path) as picture:
                _check_size(path, picture)
                return _upright(picture)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise DataError(f"{path}: a folder, expected a picture (JPEG, PNG, ...)") from None
    except PermissionError:
        raise DataError(f"{path}: no permission to read it") from None
    except UnidentifiedImageError:
        raise DataError(f"{path}: not a picture in a format that can be read (JPEG, PNG, ...)") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        limit = (Image.MAX_IMAGE_PIXELS or 0) // 10**6
        raise DataError(f"{path}: more than {limit} megapixels; scale the picture down first") from None
    except _UNREADABLE as error:
        raise DataError(f"{path}: the picture is damaged or not whole ({error})") from None


def _check_size(path: Path, picture: Image.Image) -> None:
    if min(picture.size) < SMALLEST_SIDE:
        raise DataError(
            f"{path}: {picture.width} × {picture.height} pixels are too few; expected at least {SMALLEST_SIDE} a side"
        )


def _upright(picture: Image.Image) -> NDArray[np.uint8]:
    share = min(1.0, (MOST_PIXELS / (picture.width * picture.height)) ** 0.5)
    size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
    turn = _UPRIGHT.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    # A JPEG decodes to about the wanted size several times faster than in full.
    picture.draft("RGB", size)
    colours = _on_white(picture)
    if share < 1:
        colours = colours.resize(size, Image.Resampling.BOX)
    return np.asarray(colours if turn is None else colours.transpose(turn))


def _on_white(picture: Image.Image) -> Image.Image:
    """Return a picture in colours without transparency."""
    if picture.mode.startswith("I"):  # 16 bits, which Pillow would cut off at 255
        levels = np.asarray(picture, dtype=np.float64)
        picture = Image.fromarray((levels * (255 / max(levels.max(), 255))).astype(np.uint8))
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layers = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layers.size, "white"), layers).convert("RGB")
