"""Grids of large grey pictures, each under its title."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from rework.drawing.picture_grids import bare, enlarged
from rework.drawing.style import FULL_WIDTH, plot_style

DOTS = 180  # per inch: as much as print and screens show of a photograph


@dataclass(frozen=True)
class GreyPicture:
    """A picture H x W with its title.

    Levels go from 0 (black) to 255 (white) or, if ``around_zero``, from the least value to its opposite. A picture is
    scaled down to what the figure can show; one that is ``pixelated`` shows each pixel as a square.
    """

    title: str
    levels: NDArray[Any]
    around_zero: bool = False
    pixelated: bool = False


def grey_pictures(pictures: Sequence[GreyPicture], columns: int) -> Figure:
    """Return pictures of about one shape in rows of ``columns``, at the full width of the page."""
    rows = -(-len(pictures) // columns)
    width = FULL_WIDTH / columns
    height, breadth = pictures[0].levels.shape
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, rows * (width * height / breadth + 0.22)))
        for axes, picture in zip(figure.subplots(rows, columns, squeeze=False).ravel(), pictures, strict=True):
            limit = max(1.0, -float(picture.levels.min())) if picture.around_zero else 255.0
            axes.imshow(
                _shown(picture, round(DOTS * width)),
                cmap="gray",
                vmin=-limit if picture.around_zero else 0,
                vmax=limit,
                interpolation="none",
            )
            axes.set_title(picture.title, fontsize=8 if columns < 4 else 6.5)
            axes.set_xticks([])
            axes.set_yticks([])
            bare(axes)
    return figure


def _shown(picture: GreyPicture, width: int) -> NDArray[np.float64]:
    """Return a picture with about ``width`` columns: averaged if it has more, and enlarged if it is pixelated."""
    levels = picture.levels.astype(np.float64)
    if picture.pixelated:
        return enlarged(levels, max(1, width // levels.shape[1]))
    if levels.shape[1] <= width:
        return levels
    size = (width, round(levels.shape[0] * width / levels.shape[1]))
    small = Image.fromarray(levels.astype(np.float32)).resize(size, Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float64)
