"""Curves over epochs: one plot of several lines, or several panels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from rework.drawing.style import COLOURS, FULL_WIDTH, LINES, TEXT_WIDTH, plot_style

MARKED = 60  # largest number of epochs for which each has a dot


@dataclass(frozen=True)
class Curve:
    """One line of a plot: a value per epoch for each seed, float seeds x epochs."""

    label: str
    by_seed: NDArray[np.float64]


def curve_plot(curves: Sequence[Curve], ylabel: str, percent: bool = False) -> Figure:
    """Return a plot of values over epochs: the mean over seeds, and a band from the smallest to the largest.

    If there are several lines, they are named at their ends.
    """
    with plot_style():
        figure = Figure(figsize=(TEXT_WIDTH, 2.5))
        axes = figure.subplots()
        for position, curve in enumerate(curves):
            draw_curve(axes, curve, position, named=len(curves) > 1)
        axes.margins(x=0.02)
        _label(axes, ylabel, percent)
    return figure


@dataclass(frozen=True)
class CurvePanel:
    """One of several plots of values over epochs, with the label of its vertical axis and, if need be, a title."""

    curves: tuple[Curve, ...]
    ylabel: str
    percent: bool = False
    title: str = ""


def curve_panels(panels: Sequence[CurvePanel], columns: int | None = None) -> Figure:
    """Return plots of values over epochs, with one legend for the lines that all of them have.

    They are side by side, or in rows of ``columns``.
    """
    columns = columns or len(panels)
    rows = -(-len(panels) // columns)
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 0.5 + 2.4 * rows))
        all_axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for axes, panel in zip(all_axes, panels, strict=True):
            for position, curve in enumerate(panel.curves):
                draw_curve(axes, curve, position, named=False)
            _label(axes, panel.ylabel, panel.percent)
            axes.set_title(panel.title, fontsize=8)
        names = [curve.label for curve in panels[0].curves]
        figure.legend(all_axes[0].get_lines(), names, loc="outside upper left", ncols=min(4, len(names)), fontsize=8)
    return figure


def _label(axes: Axes, ylabel: str, percent: bool) -> None:
    """Label the axes of a plot over epochs."""
    axes.set_xlabel("epoch")
    axes.set_ylabel(ylabel)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))


def draw_curve(axes: Axes, curve: Curve, position: int, named: bool) -> None:
    """Draw one curve into axes, with the colour and line style for its position."""
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
