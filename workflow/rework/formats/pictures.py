"""Pictures of any format as upright RGB bytes: the one place where grey levels, transparency and turns are handled."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from rework.errors import DataError
from rework.formats.decoding import declared

# The operation that undoes each camera orientation in EXIF.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIXTEEN_BITS = 65535


@contextmanager
def opened(source: Path | io.BytesIO, where: str) -> Iterator[Image.Image]:
    """Yield a picture whose header has been read; ``where`` names it in messages.

    Raises:
        DataError: it is missing, damaged, too large or not a picture, whether that shows now or in the block.
    """
    # Pillow raises almost anything for a damaged file, and other classes in each version.
    with declared(where, "the picture is damaged or not whole"), warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        try:
            with Image.open(source) as picture:
                yield picture
        except UnidentifiedImageError:
            raise DataError(f"{where}: not a picture in a format that can be read (JPEG, PNG, ...)") from None
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            limit = (Image.MAX_IMAGE_PIXELS or 0) // 10**6
            raise DataError(f"{where}: more than {limit} megapixels; scale the picture down first") from None


def turn_of(picture: Image.Image) -> Image.Transpose | None:
    """Return the operation that makes a picture upright, or None; to be asked before the picture is decoded."""
    return _UPRIGHT.get(picture.getexif().get(ExifTags.Base.Orientation, 1))


def on_white(picture: Image.Image) -> Image.Image:
    """Return a picture in RGB: 16 bits are scaled to 8, and transparent pixels become white, like paper."""
    if picture.mode.startswith(("I", "F")):
        picture = _eight_bits(picture)
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layers = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layers.size, "white"), layers).convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Return a grey picture of more than 8 bits with 8; Pillow itself would cut off at 255.

    16 bits have a range of their own. Of 32 bits and of fractions only the values tell what the range is.
    """
    levels = np.asarray(picture, dtype=np.float64)
    if not np.isfinite(levels).all():
        raise ValueError("it holds values that are no finite numbers")
    highest = float(levels.max())
    if picture.mode.startswith("I;16"):
        white = float(_SIXTEEN_BITS)
    elif picture.mode == "F" and highest <= 1:
        white = 1.0
    else:
        white = next((limit for limit in (255.0, float(_SIXTEEN_BITS)) if highest <= limit), highest)
    return Image.fromarray(np.rint(levels.clip(0, white) * (255 / white)).astype(np.uint8))
