"""Characters of several typefaces, distorted, for generated pictures of handwriting.

Every character is drawn once per typeface and stroke width; a picture is one of these drawings seen through a random
affine transform and a smooth random displacement, with its own ink, blur and noise. A stroke across some pictures
and strong distortions keep a small network from being always right. All pictures of a call are computed at once.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import gaussian_filter, map_coordinates

from rework.samples.typefaces import SERIF_AND_MATHEMATICAL, typeface

TYPEFACES = (
    "DejaVuSans.ttf",
    "DejaVuSans-Oblique.ttf",
    "DejaVuSansMono.ttf",
    *SERIF_AND_MATHEMATICAL,
)
_SIDE = 64  # of a drawing before it is seen through the transform
_HEIGHT = 34  # of a digit in it
_WIDTHS = (0, 3, 5)  # how far strokes are widened: pixels of the square that the brightest value is taken from
_KNOTS = 5  # of the grid of random displacements, per side

_Floats = NDArray[np.float64]


def draw_characters(
    labels: NDArray[np.uint8], random: np.random.Generator, characters: str, size: int, height: float
) -> NDArray[np.uint8]:
    """Return one picture per label, (N, size, size), white on black.

    Args:
        labels: which of the characters each picture shows, shape (N,).
        random: where the numbers come from.
        characters: what there is to draw.
        size: side of a picture.
        height: of a character in it, in pixels, before it is distorted.
    """
    count = len(labels)
    drawings = _drawings(characters)
    typefaces, widths = random.integers(len(TYPEFACES), size=count), random.integers(len(_WIDTHS), size=count)
    chosen = (labels.astype(np.int64) * len(TYPEFACES) + typefaces) * len(_WIDTHS) + widths
    places = _places(count, random, size, height)
    layers = np.broadcast_to(chosen[:, None, None], (count, size, size))
    ink = map_coordinates(drawings, [layers, places[:, 0], places[:, 1]], output=np.float64, order=1, prefilter=False)
    ink = np.maximum(ink, _strokes(count, random, size))
    blurred = gaussian_filter(ink, (0, 0.8, 0.8))
    blur = random.uniform(0.0, 1.0, (count, 1, 1))
    pictures = (ink * (1 - blur) + blurred * blur) * random.uniform(0.6, 1.15, (count, 1, 1))
    pictures += random.normal(size=ink.shape) * random.uniform(0.02, 0.12, (count, 1, 1)) * (blurred > 0.02)
    levels: _Floats = np.rint(255 * pictures.clip(0.0, 1.0))
    return levels.astype(np.uint8)


def _places(count: int, random: np.random.Generator, size: int, height: float) -> _Floats:
    """Return where in a drawing each pixel of each picture looks, (N, 2, size, size): rows and columns."""
    grid = np.asarray(np.mgrid[0:size, 0:size]) - (size - 1) / 2
    angle, slant = random.normal(0.0, 0.12, count), random.normal(0.0, 0.15, count)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    slanted = np.array([[np.ones(count), np.zeros(count)], [slant, np.ones(count)]])
    scale = (_HEIGHT / height) / random.uniform(0.8, 1.1, (2, count))
    matrix = np.einsum("in,ijn,jkn->nik", scale, slanted, turn)
    shift = random.uniform(-2.0, 2.0, (count, 2, 1, 1))
    affine: _Floats = np.einsum("nik,nkrc->nirc", matrix, grid - shift)
    return affine + _displacements(count, random, size) + (_SIDE - 1) / 2


def _displacements(count: int, random: np.random.Generator, size: int) -> _Floats:
    """Return smooth random shifts in pixels of a drawing, (N, 2, size, size), interpolated between few random ones."""
    knots = random.normal(0.0, 1.0, (count, 2, _KNOTS, _KNOTS)) * random.uniform(0.5, 2.2, (count, 1, 1, 1))
    distance = np.abs(np.linspace(0, _KNOTS - 1, size)[:, None] - np.arange(_KNOTS))
    weights = np.where(distance < 1, np.cos(np.pi * distance / 2) ** 2, 0.0)
    shifts: _Floats = np.einsum("rk,nikl,cl->nirc", weights, knots, weights)
    return shifts


def _strokes(count: int, random: np.random.Generator, size: int) -> _Floats:
    """Return a straight stroke across every twentieth picture or so, (N, size, size), values 0 to 1."""
    rows, columns = np.mgrid[0:size, 0:size] - (size - 1) / 2
    angle, offset = random.uniform(0, np.pi, (count, 1, 1)), random.uniform(-8.0, 8.0, (count, 1, 1))
    distance = np.abs(rows * np.sin(angle) + columns * np.cos(angle) - offset)
    drawn = random.random((count, 1, 1)) < 0.05
    strokes: _Floats = drawn * (1.4 - distance).clip(0.0, 1.0)
    return strokes


@cache
def _drawings(characters: str) -> _Floats:
    """Return all characters in all typefaces and stroke widths, in this order, (N, side, side), values 0 to 1."""
    pictures = [
        _widened(_drawing(character, face), width)
        for character in characters
        for face in TYPEFACES
        for width in _WIDTHS
    ]
    return np.stack([np.asarray(picture, dtype=np.float64) for picture in pictures]) / 255


def _drawing(character: str, face: str) -> Image.Image:
    """Return a character in grey, in the middle of a square and of a fixed height."""
    large = Image.new("L", (4 * _SIDE, 4 * _SIDE))
    font = typeface(face, 3 * _SIDE)
    ImageDraw.Draw(large).text((2 * _SIDE, 2 * _SIDE), character, fill=255, font=font, anchor="mm")
    box = large.getbbox()
    assert box is not None, "every character has ink"
    cut = large.crop(box)
    fitted = cut.resize((max(8, round(cut.width * _HEIGHT / cut.height)), _HEIGHT), Image.Resampling.BOX)
    picture = Image.new("L", (_SIDE, _SIDE))
    picture.paste(fitted, ((_SIDE - fitted.width) // 2, (_SIDE - _HEIGHT) // 2))
    return picture


def _widened(picture: Image.Image, width: int) -> Image.Image:
    return picture.filter(ImageFilter.MaxFilter(width)) if width else picture
