"""Curves over epochs of this build, with those that were published beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from rework.drawing.curves import Curve, draw_curve
from rework.drawing.style import COLOURS, FULL_WIDTH, INK, TEXT_WIDTH, plot_style

OURS = "this build"


@dataclass(frozen=True)
class ComparedPanel:
    """One plot over epochs.

    Attributes:
        title: what it shows, if there are several.
        by_seed: values of this build, float (seeds, epochs).
        published: those that were published, float (epochs,), or None.
        others: what the panels of the same row show, float (epochs,) each, drawn faintly for comparing.
    """

    title: str
    by_seed: NDArray[np.float64]
    published: NDArray[np.float64] | None = None
    others: tuple[NDArray[np.float64], ...] = ()


@dataclass(frozen=True)
class ComparedRow:
    """Plots side by side with one vertical axis: its label, and whether its values are shares."""

    label: str
    panels: tuple[ComparedPanel, ...]
    percent: bool = False


def compared_curves(rows: Sequence[ComparedRow], published: str, others: str = "") -> Figure:
    """Return rows of plots: the mean over seeds with a band from the smallest to the greatest, and what was published.

    Args:
        rows: the plots, as many in each row.
        published: the name of the published curves, for the legend.
        others: the name of the faint curves.
    """
    columns = len(rows[0].panels)
    with plot_style():
        width = FULL_WIDTH if columns > 1 else TEXT_WIDTH
        figure = Figure(figsize=(width, 0.5 + 2.1 * len(rows) if columns > 1 else 2.6))
        grid = figure.subplots(len(rows), columns, squeeze=False, sharex=True, sharey="row")
        lines: dict[str, Line2D] = {}
        for row, line in zip(rows, grid, strict=True):
            for panel, axes in zip(row.panels, line, strict=True):
                lines |= _drawn(axes, panel, published, others)
                if row is rows[0]:
                    axes.set_title(panel.title)
            line[0].set_ylabel(row.label)
            if row.percent:
                line[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
        for axes in grid[-1]:
            axes.set_xlabel("epoch")
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if len(lines) > 1:
            names = [name for name in (OURS, published, others) if name in lines]
            figure.legend([lines[name] for name in names], names, loc="outside upper left", ncols=3, fontsize=8)
    return figure


def _drawn(axes: Axes, panel: ComparedPanel, published: str, others: str) -> dict[str, Line2D]:
    """Draw a panel and return a line of each kind by the name of the kind."""
    lines = {}
    for other in panel.others:
        epochs = np.arange(1, len(other) + 1)
        lines[others] = axes.plot(epochs, other, color=INK, alpha=0.35, linewidth=0.7)[0]
    draw_curve(axes, Curve(OURS, panel.by_seed), 0, named=False)
    lines[OURS] = axes.get_lines()[-1]
    if panel.published is not None:
        epochs = np.arange(1, len(panel.published) + 1)
        lines[published] = axes.plot(
            epochs, panel.published, color=COLOURS[1], linestyle="--", linewidth=1.2, marker="x", markersize=3.5
        )[0]
    return lines
