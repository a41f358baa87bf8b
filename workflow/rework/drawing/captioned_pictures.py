"""Pictures with captions, and with the attention of each word laid over the picture."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from rework.drawing.example_pictures import draw_picture
from rework.drawing.picture_grids import bare
from rework.drawing.style import COLOURS, FULL_WIDTH, SEQUENTIAL, plot_style

PICTURE = 1.75  # inches
LINE = 0.16  # inches of a line of text, as matplotlib spaces lines of this size
TITLE, GAP, BAR = 0.2, 0.08, 0.6  # inches: above a picture, between maps, of the colour bar with its text
WRAPPED = 78  # characters of a line beside a picture
MAP_COLUMNS = 7
STRENGTH = 0.6  # of the colour of the attention over the grey picture


@dataclass(frozen=True)
class CaptionedPicture:
    """A picture (bytes 3 x H x W) with its name and captions as (heading, text); a heading may have lines of text.

    ``attended`` is the heading of the caption to which maps of attention belong.
    """

    pixels: NDArray[np.uint8]
    name: str
    captions: tuple[tuple[str, str], ...]
    attended: str


def attention_figure(shown: CaptionedPicture, words: Sequence[str], attention: NDArray[np.float64]) -> Figure:
    """Return a picture beside its captions and, below, the map of each word on one colour scale.

    Args:
        shown: the picture and its captions.
        words: those of the attended caption.
        attention: words x grid x grid, of sum 1 each.
    """
    cell, top = FULL_WIDTH / MAP_COLUMNS, _height(shown)
    rows = -(-len(words) // MAP_COLUMNS)
    below = top + rows * (cell + TITLE)
    with plot_style():
        figure = _blank(below + (BAR if rows else 0))
        _draw_picture_and_text(figure, shown, 0)
        for number, (word, weights) in enumerate(zip(words, attention, strict=True)):
            row, column = divmod(number, MAP_COLUMNS)
            axes = _axes(figure, column * cell, top + row * (cell + TITLE) + TITLE, cell - GAP, cell - GAP)
            axes.imshow(_laid_over(shown.pixels, weights, float(attention.max())), interpolation="none")
            axes.set_title(word, fontsize=7, pad=2, loc="center")
            axes.set_xticks([])
            axes.set_yticks([])
            bare(axes)
        if rows:
            scale = ScalarMappable(Normalize(0, float(attention.max())), SEQUENTIAL)
            place = _axes(figure, FULL_WIDTH / 4, below + GAP, FULL_WIDTH / 2, 0.1)
            bar = figure.colorbar(scale, cax=place, orientation="horizontal")
            bar.set_label("weight of a position", fontsize=7.5)
            bar.ax.tick_params(labelsize=7)
            bar.outline.set_visible(False)
    return figure


def captions_figure(pictures: Sequence[CaptionedPicture]) -> Figure:
    """Return pictures below each other, each beside its captions."""
    with plot_style():
        figure = _blank(sum(map(_height, pictures)))
        top = 0.0
        for shown in pictures:
            _draw_picture_and_text(figure, shown, top)
            top += _height(shown)
    return figure


def _blank(height: float) -> Figure:
    """Return a figure whose axes are placed by hand.

    The solver of matplotlib's layout leaves last digits that differ from process to process.
    """
    figure = Figure(figsize=(FULL_WIDTH, height))
    figure.set_layout_engine("none")
    return figure


def _axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Return axes at a place in inches from the upper left corner."""
    across, down = figure.get_size_inches()
    return figure.add_axes((left / across, 1 - (top + height) / down, width / across, height / down))


def _draw_picture_and_text(figure: Figure, shown: CaptionedPicture, top: float) -> None:
    left = _axes(figure, 0, top + TITLE, PICTURE, PICTURE)
    draw_picture(left, shown.pixels, times=1)
    left.set_title(shown.name, fontsize=8, pad=2)
    right = _axes(figure, PICTURE + 0.15, top + TITLE, FULL_WIDTH - PICTURE - 0.15, LINE * _lines(shown))
    right.set_axis_off()
    lines = _lines(shown)
    place = 0.0
    for number, (heading, text) in enumerate(shown.captions):
        colour = COLOURS[number % len(COLOURS)]
        right.text(0, 1 - place / lines, heading, fontsize=7.5, fontweight=600, color=colour, va="top")
        wrapped = _wrapped(text)
        right.text(0, 1 - (place + 1) / lines, "\n".join(wrapped), fontsize=7.5, va="top", linespacing=1.25)
        place += 1.4 + len(wrapped)


def _height(shown: CaptionedPicture) -> float:
    return TITLE + max(PICTURE, LINE * _lines(shown)) + 0.1


def _lines(shown: CaptionedPicture) -> float:
    return sum(1.4 + len(_wrapped(text)) for _, text in shown.captions)


def _wrapped(text: str) -> list[str]:
    return [part for line in text.split("\n") for part in textwrap.wrap(line, WRAPPED) or ["(no word)"]]


def _laid_over(pixels: NDArray[np.uint8], weights: NDArray[np.float64], highest: float) -> NDArray[np.uint8]:
    """Return a map in colour over a picture in grey, bytes H x W x 3; between positions it is bilinear."""
    grey = Image.fromarray(pixels.transpose(1, 2, 0)).convert("L")
    relative = Image.fromarray((weights / highest).astype(np.float32)).resize(grey.size, Image.Resampling.BILINEAR)
    colours = colormaps[SEQUENTIAL](np.asarray(relative))[..., :3]
    mixed = STRENGTH * colours + (1 - STRENGTH) * (np.asarray(grey) / 255)[..., None]
    laid: NDArray[np.uint8] = np.rint(255 * mixed).astype(np.uint8)
    return laid
