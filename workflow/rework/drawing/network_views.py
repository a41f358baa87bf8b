"""Figures of what networks hold and see: kernels, activations, favourite pictures, occlusion, maps of pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from numpy.typing import NDArray
from PIL import Image

from rework.drawing.picture_grids import GAP, bare
from rework.drawing.style import COLOURS, DIVERGING, FULL_WIDTH, SEQUENTIAL, plot_style

Floats = NDArray[np.float64]
MARKERS = "o^sDvP"
BOX = "#e69f00"
CELL = 20  # pixels of a picture on a map


def as_colours(pixels: NDArray[np.uint8]) -> Floats:
    """Return pictures (bytes, N x C x H x W, grey or RGB) as colours in 0..1, N x H x W x 3."""
    shown = pixels.transpose(0, 2, 3, 1).astype(np.float64) / 255
    return np.repeat(shown, 3, axis=3) if shown.shape[3] == 1 else shown


def as_greys(maps: NDArray[np.floating]) -> Floats:
    """Return maps N x H x W in greys, N x H x W x 3, from black at the least of all values to white at the greatest."""
    low, high = float(maps.min()), float(maps.max())
    scaled = (maps.astype(np.float64) - low) / ((high - low) or 1.0)
    return np.repeat(scaled[..., None], 3, axis=3)


def at_side(pictures: Floats, side: int) -> Floats:
    """Return pictures N x H x W x 3 with ``side`` rows and columns, by repeating or leaving out pixels."""
    rows, columns = (np.arange(side) * size // side for size in pictures.shape[1:3])
    return pictures[:, rows[:, None], columns]


def tiled(pictures: Floats, columns: int) -> Floats:
    """Return pictures N x H x W x 3 as one with transparency, row by row, with gaps between and around them."""
    count, height, width = pictures.shape[:3]
    rows = -(-count // columns)
    sheet = np.zeros((rows * (height + GAP) + GAP, columns * (width + GAP) + GAP, 4))
    for number, picture in enumerate(pictures):
        top, left = (number // columns) * (height + GAP) + GAP, (number % columns) * (width + GAP) + GAP
        sheet[top : top + height, left : left + width] = np.dstack([picture, np.ones((height, width))])
    return sheet


@dataclass(frozen=True)
class Band:
    """Rows of small pictures, N x H x W x 3 in 0..1, under a title, ``columns`` in a row."""

    title: str
    pictures: Floats
    columns: int


def picture_bands(bands: Sequence[Band]) -> Figure:
    """Return bands of small pictures, one below the other, at the full width of the page."""
    heights = [-(-len(band.pictures) // band.columns) * FULL_WIDTH / band.columns for band in bands]
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, sum(heights) + 0.24 * len(bands)))
        all_axes = figure.subplots(len(bands), 1, height_ratios=heights, squeeze=False)[:, 0]
        for axes, band in zip(all_axes, bands, strict=True):
            side = band.pictures.shape[1]
            sheet = tiled(band.pictures, band.columns)
            times = max(1, 40 // side)
            axes.imshow(np.repeat(np.repeat(sheet, times, axis=0), times, axis=1), interpolation="none")
            axes.set_title(band.title, fontsize=8)
            axes.set_anchor("W")
            _without_ticks(axes)
    return figure


@dataclass(frozen=True)
class Favourites:
    """A unit's strongest pictures, N x H x W x 3 in 0..1, and the part of each that it sees: int N x 4.

    The parts are bounds: top, bottom, left, right, with the second and the fourth excluded.
    """

    unit: str
    pictures: Floats
    seen: NDArray[np.int64]


def favourite_rows(blocks: Sequence[tuple[str, Sequence[Favourites]]], cell: float = 0.42) -> Figure:
    """Return titled blocks side by side, with a row of pictures for each unit and a box around what it sees."""
    rows, columns = len(blocks[0][1]), len(blocks[0][1][0].pictures)
    cell = min(cell, (FULL_WIDTH / len(blocks) - 0.6) / columns)
    with plot_style():
        figure = Figure(figsize=(len(blocks) * (columns * cell + 0.6), rows * cell + 0.3))
        for axes, (title, units) in zip(figure.subplots(1, len(blocks), squeeze=False)[0], blocks, strict=True):
            pictures = np.concatenate([unit.pictures for unit in units])
            height, width = pictures.shape[1:3]
            axes.imshow(tiled(pictures, columns), interpolation="none")
            for row, unit in enumerate(units):
                for column, (top, bottom, left, right) in enumerate(unit.seen):
                    corner = (column * (width + GAP) + GAP + left - 0.5, row * (height + GAP) + GAP + top - 0.5)
                    axes.add_patch(
                        Rectangle(corner, right - left, bottom - top, fill=False, edgecolor=BOX, linewidth=1)
                    )
            axes.set_yticks([(row + 0.5) * (height + GAP) for row in range(rows)], [unit.unit for unit in units])
            axes.set_xticks([])
            axes.tick_params(labelsize=6.5, length=0)
            axes.set_title(title, fontsize=8)
            bare(axes)
    return figure


@dataclass(frozen=True)
class Hidden:
    """A picture (H x W x 3 in 0..1), its title, and for each network the probabilities with a part of it hidden.

    ``maps`` are float rows x columns in 0..1, each with a title; the centres of the hidden part at its first and last
    places are ``margin`` pixels from the edges of the picture.
    """

    title: str
    picture: Floats
    maps: tuple[tuple[str, NDArray[np.floating]], ...]
    margin: float


def occlusion_grid(hidden: Sequence[Hidden], networks: Sequence[str]) -> Figure:
    """Return pictures in a row and, below each, a map of probabilities for each network, on one scale."""
    columns, rows = len(hidden), len(networks) + 1
    side = min(1.6, (FULL_WIDTH - 1.2) / columns)
    with plot_style():
        figure = Figure(figsize=(columns * side + 1.2, rows * (side + 0.16) + 0.1))
        grid = figure.subplots(rows, columns, squeeze=False)
        images: list[AxesImage] = []
        for column, shown in zip(grid.T, hidden, strict=True):
            height, width = shown.picture.shape[:2]
            frame = (0, width, height, 0)
            column[0].imshow(
                np.repeat(np.repeat(shown.picture, 4, axis=0), 4, axis=1), extent=frame, interpolation="none"
            )
            column[0].set_title(shown.title, fontsize=7)
            for axes, (title, probabilities) in zip(column[1:], shown.maps, strict=True):
                reach = (shown.margin, width - shown.margin, height - shown.margin, shown.margin)
                squares = np.repeat(np.repeat(probabilities, 8, axis=0), 8, axis=1)
                image = axes.imshow(squares, extent=reach, cmap=SEQUENTIAL, vmin=0, vmax=1, interpolation="none")
                images.append(image)
                axes.set_xlim(0, width)
                axes.set_ylim(height, 0)
                axes.set_title(title, fontsize=6.5)
            for axes in column:
                _without_ticks(axes)
        for axes, name in zip(grid[1:, 0], networks, strict=True):
            axes.set_ylabel(name, fontsize=7)
        bar = figure.colorbar(images[0], ax=grid, shrink=0.8, pad=0.02)
        bar.set_label("probability of the class", fontsize=7.5)
        bar.outline.set_visible(False)
    return figure


@dataclass(frozen=True)
class PictureMap:
    """Pictures placed in a plane: places float N x 2, labels int N, and the pictures on a grid.

    ``sheet`` are the pictures N x H x W x 3 in 0..1, and ``cells`` their row and column, int N x 2.
    """

    title: str
    places: Floats
    labels: NDArray[np.int64]
    sheet: Floats
    cells: NDArray[np.int64]


def picture_maps(maps: Sequence[PictureMap], classes: Sequence[str]) -> Figure:
    """Return for each map a plot of its points by class and, beside it, its pictures on a grid."""
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 3.1 * len(maps) + 0.45))
        grid = figure.subplots(len(maps), 2, squeeze=False)
        for (points, pictures), shown in zip(grid, maps, strict=True):
            for number, name in enumerate(classes):
                chosen = shown.places[shown.labels == number]
                points.scatter(
                    *chosen.T,
                    s=7,
                    color=COLOURS[number % len(COLOURS)],
                    marker=MARKERS[number // len(COLOURS) % len(MARKERS)],
                    linewidths=0,
                    label=name,
                )
            points.set_title(shown.title, fontsize=8)
            points.set_box_aspect(1)
            _without_ticks(points)
            pictures.imshow(_on_cells(shown), interpolation="none", aspect="auto")
            pictures.set_box_aspect(1)
            pictures.set_title("the same pictures on a grid", fontsize=8)
            _without_ticks(pictures)
        handles, labels = grid[0, 0].get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="outside lower center", ncols=min(len(classes), 10), fontsize=6.5, handletextpad=0.1
        )
    return figure


def signed_colours(weights: NDArray[np.floating]) -> Floats:
    """Return weights N x H x W as colours, N x H x W x 3, on one scale around zero."""
    limit = float(np.abs(weights).max()) or 1.0
    coloured: Floats = colormaps[DIVERGING](0.5 + weights / (2 * limit))[..., :3]
    return coloured


def _on_cells(shown: PictureMap) -> NDArray[np.uint8]:
    """Return the pictures as one (RGBA bytes), scaled down to what the figure can show."""
    rows, columns = shown.cells.max(axis=0) + 1
    height, width = shown.sheet.shape[1:3]
    sheet = np.zeros((rows * height, columns * width, 4))
    for (row, column), picture in zip(shown.cells, shown.sheet, strict=True):
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = np.dstack(
            [picture, np.ones((height, width))]
        )
    image = Image.fromarray(np.rint(255 * sheet).astype(np.uint8))
    side = min(CELL, width)
    return np.asarray(image.resize((columns * side, rows * side), Image.Resampling.BOX))


def _without_ticks(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    bare(axes)
