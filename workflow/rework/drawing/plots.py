"""Plots that several artefacts share: learning curves and grids of small pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from rework.drawing.style import COLOURS, DIVERGING, FULL_WIDTH, INK, LINES, SEQUENTIAL, TEXT_WIDTH, plot_style

GAP = 1  # pixels between two pictures of a grid
MARKED = 60  # epochs up to which each has a dot


@dataclass(frozen=True)
class Curve:
    """One line of a plot: a value per epoch for each seed, float seeds x epochs."""

    label: str
    by_seed: NDArray[np.float64]


def learning_curves(curves: Sequence[Curve], ylabel: str, percent: bool = False) -> Figure:
    """Return a plot of values over epochs: the mean over seeds, and a band from the smallest to the largest.

    Lines are named at their ends where there are several.
    """
    with plot_style():
        figure = Figure(figsize=(TEXT_WIDTH, 2.5))
        axes = figure.subplots()
        for position, curve in enumerate(curves):
            draw_curve(axes, curve, position, named=len(curves) > 1)
        axes.set_xlabel("epoch")
        axes.set_ylabel(ylabel)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.margins(x=0.02)
        if percent:
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    return figure


@dataclass(frozen=True)
class CurvePanel:
    """One of several plots of values over epochs, with the label of its vertical axis."""

    curves: tuple[Curve, ...]
    ylabel: str
    percent: bool = False


def curve_panels(panels: Sequence[CurvePanel], columns: int | None = None) -> Figure:
    """Return plots of values over epochs, with one legend for the lines that all of them have.

    They stand side by side, or in rows of ``columns``.
    """
    columns = columns or len(panels)
    rows = -(-len(panels) // columns)
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 0.5 + 2.4 * rows))
        all_axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, panel in zip(all_axes, panels, strict=True):
            for position, curve in enumerate(panel.curves):
                draw_curve(axes, curve, position, named=False)
            axes.set_xlabel("epoch")
            axes.set_ylabel(panel.ylabel)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            if panel.percent:
                axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
        names = [curve.label for curve in panels[0].curves]
        figure.legend(all_axes[0].get_lines(), names, loc="outside upper left", ncols=min(4, len(names)), fontsize=8)
    return figure


def draw_curve(axes: Axes, curve: Curve, position: int, named: bool) -> None:
    """Draw one curve into axes, in the colour and line style of its position."""
    epochs = np.arange(1, curve.by_seed.shape[1] + 1)
    colour = COLOURS[position % len(COLOURS)]
    mean = curve.by_seed.mean(axis=0)
    if len(curve.by_seed) > 1:
        axes.fill_between(epochs, curve.by_seed.min(0), curve.by_seed.max(0), color=colour, alpha=0.25, linewidth=0)
    marker = "o" if len(epochs) <= MARKED else ""
    axes.plot(epochs, mean, color=colour, linestyle=LINES[position % len(LINES)], marker=marker, markersize=2.5)
    if named:
        axes.annotate(
            curve.label,
            (float(epochs[-1]), float(mean[-1])),
            (4, 0),
            textcoords="offset points",
            color=colour,
            va="center",
        )


def tile(pictures: NDArray[np.float64], columns: int, gap: int = GAP) -> NDArray[np.float64]:
    """Return pictures N x H x W as one, row by row, with gaps of NaN between and around them."""
    count, height, width = pictures.shape
    rows = -(-count // columns)
    grid = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap), np.nan)
    for index, picture in enumerate(pictures):
        top, left = (index // columns) * (height + gap) + gap, (index % columns) * (width + gap) + gap
        grid[top : top + height, left : left + width] = picture
    return grid


def enlarged(picture: NDArray[np.float64], times: int) -> NDArray[np.float64]:
    """Return a picture with each pixel repeated, so that no viewer smooths it."""
    return np.repeat(np.repeat(picture, times, axis=0), times, axis=1)


def kernel_grid(
    kernels: NDArray[np.float64],
    columns: int,
    label: str,
    scale: Literal["heatmap", "grey"] = "heatmap",
    cell: float = 0.48,
) -> Figure:
    """Return a grid of kernels N x H x W on one scale around zero, numbered, with a colour bar.

    ``cell`` is the height of a kernel in inches.
    """
    limit = float(np.abs(kernels).max())
    height, width = kernels.shape[1:]
    rows = -(-len(kernels) // columns)
    with plot_style():
        figure = Figure(figsize=(columns * cell + 1.1, rows * cell + 0.35))
        axes = figure.subplots()
        image = axes.imshow(
            enlarged(tile(kernels, columns), 8 if height < 16 else 2),
            cmap=DIVERGING if scale == "heatmap" else "gray",
            vmin=-limit,
            vmax=limit,
            interpolation="none",
            extent=(0, columns, rows, 0),
            aspect=(height + GAP) / (width + GAP),
        )
        axes.set_xticks(np.arange(columns) + 0.5, [str(number + 1) for number in range(columns)])
        axes.set_yticks(np.arange(rows) + 0.5, [str(row * columns + 1) for row in range(rows)])
        axes.set_xlabel("number, counted along the rows")
        bare(axes)
        bar = figure.colorbar(image, ax=axes, shrink=0.9, pad=0.02)
        bar.set_label(label)
        bar.outline.set_visible(False)
    return figure


def picture_rows(rows: Sequence[tuple[str, NDArray[np.float64]]], columns: int, label: str) -> Figure:
    """Return titled rows of small pictures N x H x W, each row in greys from its least to its greatest value."""
    heights = [-(-len(pictures) // columns) for _, pictures in rows]
    with plot_style():
        # Sixteen pictures in a row are 0.44 inches high; more of them are smaller.
        figure = Figure(figsize=(FULL_WIDTH, sum(heights) * 0.44 * 16 / columns + 0.34 * len(rows)))
        all_axes = figure.subplots(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0]
        for axes, (title, pictures) in zip(all_axes, rows, strict=True):
            low, high = float(pictures.min()), float(pictures.max())
            times = max(1, 112 // pictures.shape[1])
            grid = tile((pictures - low) / ((high - low) or 1.0), columns if len(pictures) > 1 else 1)
            axes.imshow(enlarged(grid, times), cmap="gray", vmin=0, vmax=1, interpolation="none")
            axes.set_title(f"{title}; {low:.2g} (black) to {high:.2g} (white)", fontsize=8)
            axes.set_xticks([])
            axes.set_yticks([])
            axes.set_anchor("W")
            bare(axes)
        figure.supylabel(label, fontsize=8, color=INK)
    return figure


def bare(axes: Axes) -> None:
    """Take away grid, frame and tick marks, which mean nothing beside pictures."""
    axes.grid(False)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def stacked(history: Sequence[Mapping[str, NDArray[np.float64]]], column: str) -> NDArray[np.float64]:
    """Return one column of the histories of several seeds, float seeds x epochs."""
    return np.stack([table[column] for table in history])


def labelled_matrix(values: NDArray[np.float64], names: Sequence[str], xlabel: str, ylabel: str, label: str) -> Figure:
    """Return a square matrix of values around zero as coloured cells, rows and columns named, with a colour bar."""
    limit = float(np.abs(values).max())
    return _matrix(values, names, (xlabel, ylabel, label), (DIVERGING, -limit, limit))


def count_matrix(counts: NDArray[np.int64], names: Sequence[str], xlabel: str, ylabel: str, label: str) -> Figure:
    """Return a square matrix of counts as cells, with a colour bar; the diagonal is left out, so that others show."""
    values = counts.astype(np.float64)
    np.fill_diagonal(values, np.nan)
    limit = max(1.0, float(np.nanmax(values)))
    return _matrix(values, names, (xlabel, ylabel, label), (SEQUENTIAL, 0, limit))


def _matrix(
    values: NDArray[np.float64], names: Sequence[str], labels: tuple[str, str, str], scale: tuple[str, float, float]
) -> Figure:
    size = len(names)
    with plot_style():
        figure = Figure(figsize=(TEXT_WIDTH, TEXT_WIDTH * 0.86))
        axes = figure.subplots()
        image = axes.imshow(
            enlarged(values, 8),
            cmap=scale[0],
            vmin=scale[1],
            vmax=scale[2],
            interpolation="none",
            extent=(0, size, size, 0),
        )
        axes.set_xticks(np.arange(size) + 0.5, names)
        axes.set_yticks(np.arange(size) + 0.5, names)
        axes.tick_params(labelsize=6.5 if size <= 26 else 5.5)
        axes.set_xlabel(labels[0])
        axes.set_ylabel(labels[1])
        bare(axes)
        bar = figure.colorbar(image, ax=axes, shrink=0.85, pad=0.02)
        bar.set_label(labels[2])
        bar.outline.set_visible(False)
    return figure
