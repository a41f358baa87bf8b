"""The typefaces that generated handwriting is drawn with: small files of this library, printable ASCII only."""

from functools import cache
from pathlib import Path

from PIL import ImageFont

FOLDER = Path(__file__).with_name("typeface_files")
DIGEST = "d0feeaac19db50567d6df7568c0268112718272f5dcb6fde937fa5e8c8256ba5"
"""SHA-256 of all files together. It stands here so that another file changes the code fingerprint; a test compares."""
SERIF_AND_MATHEMATICAL = (
    "DejaVuSerif.ttf",
    "DejaVuSerif-Italic.ttf",
    "STIXGeneral.ttf",
    "STIXGeneralItalic.ttf",
    "cmr10.ttf",
    "cmss10.ttf",
    "cmtt10.ttf",
)


@cache
def typeface(file: str, size: int) -> ImageFont.FreeTypeFont:
    """Return a typeface by its file's name; ``size`` is in pixels."""
    return ImageFont.truetype(FOLDER / file, size)
