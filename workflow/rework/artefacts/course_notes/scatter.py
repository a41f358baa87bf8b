"""Points of two classes in a plane, and the lines that separate them."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from rework.drawing.style import COLOURS

Floats = NDArray[np.float64]
MARKERS = {0: "s", 1: "o"}  # one shape for each class, so that colours are not needed


def draw_points(axes: Axes, points: Floats, labels: Floats, names: tuple[str, str] = ("class 0", "class 1")) -> None:
    """Draw points (N, 2) with the colour and shape of their class, 0 or 1, into square axes that fit them."""
    for kind, name in enumerate(names):
        chosen = points[labels == kind]
        axes.scatter(
            chosen[:, 0],
            chosen[:, 1],
            s=13,
            color=COLOURS[kind],
            marker=MARKERS[kind],
            linewidth=0,
            alpha=0.75,
            label=name,
        )
    margin = 0.06 * np.ptp(points, axis=0)
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    axes.set_xlim(low[0], high[0])
    axes.set_ylim(low[1], high[1])
    axes.set_xlabel("x₁")


def draw_line(axes: Axes, unit: Floats, **style: Any) -> None:
    """Draw the line on which w1 x1 + w2 x2 + b is 0, for a unit (w1, w2, b); nothing if both weights are 0."""
    weights, bias = unit[:2], unit[2]
    square = float(weights @ weights)
    if square:
        foot = -bias * weights / square
        # Axes cut the line off at their limits, however far away its foot is.
        axes.axline(tuple(foot), tuple(foot + np.array([-weights[1], weights[0]]) / np.sqrt(square)), **style)
