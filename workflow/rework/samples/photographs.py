"""The embedded sample in place of the photographs of handwriting: pages of invented texts, as an uneven hand writes.

Every letter is drawn by itself, in one of several typefaces for a page, with its own size, slope and place. The paper
is lit from one side and has a grain; the pictures are saved as JPEG, as photographs are.
"""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from rework.datasets.options import check_names
from rework.formats.zip_archive import write_zip
from rework.samples.typefaces import typeface
from rework.seeds import derive_seed

# Name of a page: its lines.
PAGES: Mapping[str, tuple[str, ...]] = {
    "01_picnic": ("PICNIC BASKET", "1 BREAD AND JAM", "2 FIVE QUINCES", "3 WATER"),
    "02_journey": ("NORTH WIND AT 7", "WE ROW HOME", "BEFORE THE FOG"),
    "03_register": ("A B C D E F G H I", "J K L M N O P Q R", "S T U V W X Y Z", "0 1 2 3 4 5 6 7 8 9"),
}
OPTIONS = ("truth",)  # read with the pictures, not by the generator
ARCHIVE = "images.zip"
# Sans serif, as people print; upright.
TYPEFACES = ("DejaVuSans.ttf", "DejaVuSansMono.ttf", "cmss10.ttf")
QUALITY = 85  # of the JPEG pictures
_HEIGHT = 60  # of a capital letter, in pixels
_PITCH = 2.2  # from line to line; all that follows is in heights of a letter
_MARGIN = 1.2
_GAP = 0.3  # between letters
_BLANK = 1.1  # between words, beside the gap
_WIDER = 3.0  # times all gaps of a page of single letters

_Floats = NDArray[np.float64]
_Random = np.random.Generator


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write ``images.zip`` with a picture of each page into ``raw``. The same seed gives the same bytes.

    Raises:
        ConfigError: an option is unknown.
    """
    check_names(options, OPTIONS, "sample of the photographs")
    write_zip(
        raw / ARCHIVE, ((f"images/{name}.jpg", _jpeg(PAGES[name], derive_seed(seed, name))) for name in sorted(PAGES))
    )


def _jpeg(lines: tuple[str, ...], seed: int) -> bytes:
    content = io.BytesIO()
    Image.fromarray(draw_page(lines, np.random.default_rng(seed))).save(content, "JPEG", quality=QUALITY)
    return content.getvalue()


def draw_page(lines: tuple[str, ...], random: _Random) -> NDArray[np.uint8]:
    """Return a photograph of a text, (H, W, 3): lines of words of A to Z and 0 to 9, divided by blanks."""
    coverage = _written(lines, random)
    paper = _paper(coverage.shape, random)
    ink = np.array([random.uniform(25, 60), random.uniform(25, 60), random.uniform(40, 110)])
    covered = gaussian_filter(coverage, 0.8)[:, :, None] * random.uniform(0.8, 0.95)
    grain = random.normal(0.0, 3.0, paper.shape)
    levels: _Floats = np.rint((paper * (1 - covered) + ink * covered + grain).clip(0, 255))
    return levels.astype(np.uint8)


def _written(lines: tuple[str, ...], random: _Random) -> _Floats:
    """Return how far each pixel is covered with ink, 0 to 1, (H, W)."""
    drawings = _drawings(str(random.choice(TYPEFACES)))
    single = all(len(word) == 1 for line in lines for word in line.split())
    rows = [_row(line, drawings, _WIDER if single else 1.0, random) for line in lines]
    width = max(place + drawing.width for row in rows for place, drawing in row)
    margin, pitch = round(_MARGIN * _HEIGHT), round(_PITCH * _HEIGHT)
    page = Image.new("L", (width + 2 * margin, len(rows) * pitch + 2 * margin))
    for number, row in enumerate(rows):
        for place, drawing in row:
            middle = margin + (number + 0.5) * pitch + random.normal(0.0, 0.06 * _HEIGHT)
            # Only where there is ink, so that a letter never rubs out its neighbour.
            page.paste(255, (margin + place, round(middle - drawing.height / 2)), drawing)
    return np.asarray(page, dtype=np.float64) / 255


def _row(
    line: str, drawings: Mapping[str, Image.Image], wider: float, random: _Random
) -> list[tuple[int, Image.Image]]:
    """Return the letters of a line, each with its left edge in pixels."""
    row, place = [], 0.0
    for word in line.split():
        for character in word:
            drawing = _by_hand(drawings[character], random)
            row.append((round(place), drawing))
            place += drawing.width + _HEIGHT * _GAP * wider * random.uniform(0.8, 1.2)
        place += _HEIGHT * (_BLANK if wider == 1 else 0) * random.uniform(0.9, 1.2)
    return row


def _by_hand(drawing: Image.Image, random: _Random) -> Image.Image:
    """Return a letter with a random size and slope, cut to its ink."""
    width, height = (round(side * random.uniform(0.9, 1.1)) for side in drawing.size)
    around = Image.new("L", (2 * width, 2 * height))
    around.paste(drawing.resize((width, height), Image.Resampling.BICUBIC), (width // 2, height // 2))
    turned = around.rotate(random.normal(0.0, 3.0), Image.Resampling.BICUBIC)
    return turned.crop(turned.getbbox())


def _drawings(face: str) -> dict[str, Image.Image]:
    """Return every character of the pages in a typeface, cut to its ink, capital letters about ``_HEIGHT`` high."""
    font = typeface(face, round(1.4 * _HEIGHT))
    drawings = {}
    for character in sorted({character for lines in PAGES.values() for character in "".join(lines)} - {" "}):
        drawing = Image.new("L", (3 * _HEIGHT, 3 * _HEIGHT))
        ImageDraw.Draw(drawing).text((_HEIGHT, _HEIGHT // 2), character, fill=255, font=font)
        drawings[character] = drawing.crop(drawing.getbbox())
    return drawings


def _paper(shape: tuple[int, ...], random: _Random) -> _Floats:
    """Return light paper that darkens towards one side and has a soft shadow, (H, W, 3)."""
    rows, columns = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    angle = random.uniform(0, 2 * np.pi)
    light = 1 - random.uniform(0.1, 0.2) * (rows * np.sin(angle) + columns * np.cos(angle) + 1)
    row, column = random.uniform(-1, 1, 2)
    light -= random.uniform(0.1, 0.25) * np.exp(-2 * ((rows - row) ** 2 + (columns - column) ** 2))
    paper: _Floats = light.clip(0.3, 1.0)[:, :, None] * np.array([235.0, 228.0, 215.0])
    return paper
