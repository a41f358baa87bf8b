"""Grids of small pictures: kernels on one scale, and rows that each have a scale of their own."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rework.drawing.style import DIVERGING, FULL_WIDTH, INK, plot_style

GAP = 1  # pixels between two pictures of a grid


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
