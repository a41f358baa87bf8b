"""The embedded sample in place of the photographs: pages of printed letters, each a little turned, in uneven light."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter

from rework.files import atomic_path

ARCHIVE = "images.zip"
PAGES: Mapping[str, tuple[str, ...]] = {
    "01_plan": ("FIRST RUN IT", "THEN READ IT", "2 TIMES"),
    "02_row": ("A B C D E F G", "H I J K L M N", "1 2 3 4 5 6 7"),
    "03_boast": ("EVERY NUMBER", "COMES BACK", "OR SAYS WHY"),
}
TYPEFACES = ("DejaVuSans.ttf", "cmss10.ttf", "STIXGeneral.ttf")
_HEIGHT, _MARGIN = 64, 80  # of a letter and around the text, in pixels


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the archive of pages into ``raw``; there are no ``options`` to set."""
    assert set(options) <= {"truth"}, "the pages of the sample are fixed"
    random = np.random.default_rng(seed)
    with atomic_path(raw / ARCHIVE) as partial, zipfile.ZipFile(partial, "w") as archive:
        for name, lines in PAGES.items():
            content = io.BytesIO()
            Image.fromarray(draw_page(lines, random)).save(content, "JPEG", quality=90)
            archive.writestr(zipfile.ZipInfo(f"images/{name}.jpg", (1980, 1, 1, 0, 0, 0)), content.getvalue())


def draw_page(lines: tuple[str, ...], random: np.random.Generator) -> NDArray[np.uint8]:
    """Return a page with some lines of text, RGB bytes."""
    size = (2 * _MARGIN + _HEIGHT * max(map(len, lines)), 2 * _MARGIN + 2 * _HEIGHT * len(lines))
    ink = Image.new("L", size)
    for number, line in enumerate(lines):
        left = float(_MARGIN)
        for character in line:
            if character == " ":
                left += 0.9 * _HEIGHT
                continue
            letter = draw_letter(character, random)
            place = (round(left), _MARGIN + 2 * _HEIGHT * number + int(random.integers(-4, 5)))
            ink.paste(letter, place, letter)
            left += letter.width + random.uniform(0.1, 0.2) * _HEIGHT
    return _photograph(np.asarray(ink) / 255, random)


def draw_letter(character: str, random: np.random.Generator) -> Image.Image:
    """Return one letter in white on black, cut to its ink, of its own size, typeface and turn."""
    font = ImageFont.truetype(
        Path(mpl.get_data_path()) / "fonts" / "ttf" / TYPEFACES[random.integers(len(TYPEFACES))],
        round(_HEIGHT * random.uniform(0.9, 1.15)),
    )
    square = Image.new("L", (3 * _HEIGHT, 3 * _HEIGHT))
    ImageDraw.Draw(square).text((1.5 * _HEIGHT, 1.5 * _HEIGHT), character, fill=255, font=font, anchor="mm")
    turned = square.rotate(random.normal(0, 4), Image.Resampling.BICUBIC)
    box = turned.getbbox()
    assert box is not None, "every letter has ink"
    return turned.crop(box)


def _photograph(ink: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.uint8]:
    """Return the ink on paper that is lit from one side, with the noise of a sensor."""
    rows, columns = np.mgrid[0 : 1 : ink.shape[0] * 1j, 0 : 1 : ink.shape[1] * 1j]
    light = 0.75 + 0.2 * (rows * random.uniform(-1, 1) + columns * random.uniform(-1, 1))
    paper = light[..., None] * np.array([1.0, 0.97, 0.9])
    colour = random.uniform(0.1, 0.35, 3)
    strength = gaussian_filter(ink, 0.8)[..., None]
    picture = paper * (1 - strength * (1 - colour)) + random.normal(0, 0.015, (*ink.shape, 1))
    result: NDArray[np.uint8] = np.rint(255 * picture.clip(0, 1)).astype(np.uint8)
    return result
