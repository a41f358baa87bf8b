"""Style transfer: rows of titled pictures, above the losses over the updates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import NDArray

from rework.drawing.example_pictures import draw_picture
from rework.drawing.picture_grids import bare
from rework.drawing.style import COLOURS, FULL_WIDTH, LINES, SEQUENTIAL, plot_style

CURVES = 2.1  # inches
MOST_COLUMNS = 6


@dataclass(frozen=True)
class LossCurve:
    """The losses of a picture over its updates: the number of updates, then each loss, float (points)."""

    label: str
    steps: NDArray[np.float64]
    losses: tuple[NDArray[np.float64], ...]


def picture_table(
    rows: Sequence[Sequence[tuple[str, NDArray[np.uint8]]]], curves: Sequence[LossCurve], losses: Sequence[str]
) -> Figure:
    """Return rows of pictures (RGB bytes H x W x 3) with titles, above a plot of each loss with a line for each run.

    A row of more than ``MOST_COLUMNS`` pictures goes on in the next one.
    """
    longest = max(map(len, rows))
    # Rows of equal length, where the pictures of one fill several.
    columns = max(3, -(-longest // -(-longest // MOST_COLUMNS)))
    cells = [row[start : start + columns] for row in rows for start in range(0, len(row), columns)]
    height, width = rows[0][0][1].shape[:2]
    tall = len(cells) * (FULL_WIDTH / columns * height / width + 0.16)
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, tall + (CURVES if curves else 0)))
        parts: Any = figure.subfigures(2, 1, height_ratios=(tall, CURVES)) if curves else (figure, None)
        above, below = parts
        grid = above.subplots(len(cells), columns, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for row, shown in zip(grid, cells, strict=True):
            for axes, (title, picture) in zip(row, shown, strict=False):
                draw_picture(axes, picture.transpose(2, 0, 1), times=2)
                axes.set_title(title, fontsize=7.5, loc="center")
        if curves:
            _draw_curves(below, curves, losses)
    return figure


def _draw_curves(part: Any, curves: Sequence[LossCurve], losses: Sequence[str]) -> None:
    all_axes: Sequence[Axes] = part.subplots(1, len(losses), squeeze=False)[0]
    for place, (axes, name) in enumerate(zip(all_axes, losses, strict=True)):
        for position, curve in enumerate(curves):
            colour, line = COLOURS[position % len(COLOURS)], LINES[position % len(LINES)]
            marker = "o" if len(curve.steps) < 10 else ""
            values = curve.losses[place]
            axes.plot(curve.steps, values, color=colour, ls=line, label=curve.label, marker=marker, markersize=2.5)
        _logarithmic(axes)
        axes.set_xlabel("updates")
        axes.set_ylabel(name)
    part.legend(
        *all_axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=min(4, len(curves)), fontsize=7.5
    )


def _logarithmic(axes: Axes) -> None:
    """Make the vertical axis logarithmic, with numbers at 1, 2 and 5 where it has not many decades."""
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 50 * low else (1,)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def gram_matrices(
    rows: Sequence[tuple[str, NDArray[np.uint8], Sequence[NDArray[np.float64]]]], titles: Sequence[str]
) -> Figure:
    """Return a row for each picture: the picture with its name, and its matrices, as decimal logarithms of entries + 1.

    Args:
        rows: name, RGB bytes H x W x 3, and a square matrix for each layer, nowhere negative.
        titles: of the layers.
    """
    logs = [[np.log10(matrix + 1) for matrix in matrices] for _, _, matrices in rows]
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 0.5 + 1.35 * len(rows)))
        grid = figure.subplots(len(rows), 1 + len(titles), squeeze=False)
        for row, (name, picture, _), found in zip(grid, rows, logs, strict=True):
            draw_picture(row[0], picture.transpose(2, 0, 1), times=2)
            row[0].set_title(name, fontsize=7.5, loc="center")
            for place, axes in enumerate(row[1:]):
                # One scale for both pictures in a layer.
                limit = max(float(one[place].max()) for one in logs)
                cells = np.repeat(np.repeat(found[place], 4, axis=0), 4, axis=1)
                axes.imshow(cells, cmap=SEQUENTIAL, vmin=0, vmax=limit, interpolation="none")
                axes.set_xticks([])
                axes.set_yticks([])
                bare(axes)
        for place, title in enumerate(titles):
            column = grid[:, 1 + place]
            column[0].set_title(title, fontsize=7, loc="center")
            bar = figure.colorbar(
                column[0].images[0], ax=column.tolist(), orientation="horizontal", aspect=12, pad=0.02
            )
            bar.outline.set_visible(False)
            bar.ax.tick_params(labelsize=6.5)
        figure.supxlabel("decimal logarithm of an entry + 1", fontsize=7.5)
    return figure
