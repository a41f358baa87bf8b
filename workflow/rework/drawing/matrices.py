"""Square matrices as coloured cells with a colour bar."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rework.drawing.picture_grids import bare, enlarged
from rework.drawing.style import DIVERGING, SEQUENTIAL, TEXT_WIDTH, plot_style


def labelled_matrix(
    values: NDArray[np.float64],
    names: Sequence[str],
    xlabel: str,
    ylabel: str,
    label: str,
    marked: NDArray[np.bool_] | None = None,
) -> Figure:
    """Return a square matrix of values around zero as coloured cells, with named rows and columns and a colour bar.

    A dot stands in the cells that are ``marked``.
    """
    limit = float(np.abs(values).max())
    figure = _matrix(values, names, (xlabel, ylabel, label), (DIVERGING, -limit, limit))
    if marked is not None:
        rows, columns = np.nonzero(marked)
        figure.axes[0].plot(columns + 0.5, rows + 0.5, ".", color="black", markersize=1.4, markeredgewidth=0)
    return figure


def count_matrix(counts: NDArray[np.int64], names: Sequence[str], xlabel: str, ylabel: str, label: str) -> Figure:
    """Return a square matrix of counts as cells, with a colour bar; the diagonal is left out so that the rest shows."""
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
