"""Typefaces for drawn letters: those that come with matplotlib, so that every machine draws the same."""

from functools import cache
from pathlib import Path

import matplotlib as mpl
from PIL import ImageFont

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
    """Return a typeface of matplotlib in a size in pixels."""
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / file, size)
