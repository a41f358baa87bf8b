"""Descents on an error curve with local minima: random restarts, momentum and a decaying learning rate (1.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.result import Built, Column, Table
from rework.drawing.style import COLOURS, FULL_WIDTH, INK, LINES, plot_style
from rework.settings.ranges import Count, Dropout, Few, Positive, Share

Floats = NDArray[np.float64]

CENTRE, BOWL, WAVES = 1.0, 0.1, 3.0  # of the curve: where its bowl is lowest, how steep it is, and how narrow its waves
RANGE = (-6.0, 6.0)  # of the weight at the start
NEAR = 0.05  # from the global minimum
LIFT, DRAWN = 0.35, 60  # of the drawn paths above the curve, and how many of their steps are drawn


@dataclass(frozen=True)
class Descent:
    """How to go down: learning rate, momentum, and the factor of the rate after each step."""

    rate: float
    momentum: float = 0.0
    decay: float = 1.0


def error(weight: Floats) -> Floats:
    """Return the error: a bowl with waves."""
    return BOWL * (weight - CENTRE) ** 2 + np.cos(WAVES * weight)


def slope(weight: Floats) -> Floats:
    """Return the derivative of the error."""
    return 2 * BOWL * (weight - CENTRE) - WAVES * np.sin(WAVES * weight)


def descend(starts: Floats, descent: Descent, steps: int) -> Floats:
    """Return the weights before the first step and after each, shape (steps + 1, starts).

    Momentum keeps a share of the last step: each step is minus the rate times the slope, plus that share.
    """
    weights = np.empty((steps + 1, len(starts)))
    weights[0], step, rate = starts, np.zeros_like(starts), descent.rate
    for number in range(steps):
        step = descent.momentum * step - rate * slope(weights[number])
        weights[number + 1] = weights[number] + step
        rate *= descent.decay
    return weights


def global_minimum() -> float:
    """Return the weight of the least error in the range, to the spacing of floats by Newton's method."""
    grid = np.linspace(*RANGE, 2401)
    weight = float(grid[error(grid).argmin()])
    for _ in range(5):
        curvature = 2 * BOWL - WAVES**2 * np.cos(WAVES * weight)
        weight -= float(slope(np.array(weight))) / curvature
    return weight


def reached(weights: Floats) -> NDArray[np.bool_]:
    """Return which weights are near the global minimum."""
    return np.abs(weights - global_minimum()) < NEAR


def restart_momentum(
    context: ArtefactContext,
    *,
    starts: Count,
    steps: Count,
    rate: Positive,
    great_rate: Positive,
    momentum: Dropout,
    momenta: tuple[Dropout, ...],
    decay: Share,
    restarts: Few,
) -> Built:
    """Count how many random starts reach the global minimum, by each remedy for local ones.

    Args:
        context: the artefact.
        starts: how many weights are drawn.
        steps: of each descent.
        rate: the small learning rate.
        great_rate: the rate from which a decaying one starts.
        momentum: of the descent with momentum that is drawn.
        momenta: of those that are counted.
        decay: factor of the decaying rate after each step.
        restarts: up to how many starts are tried in a row.
    """
    drawn = context.random_numbers().uniform(*RANGE, starts)
    ways = {
        "plain": Descent(rate),
        "momentum": Descent(rate, momentum),
        "great rate": Descent(great_rate),
        "decaying rate": Descent(great_rate, decay=decay),
    }
    paths = {name: descend(drawn, descent, steps) for name, descent in ways.items()}
    by_momentum = [float(reached(descend(drawn, Descent(rate, value), steps)[-1]).mean()) for value in momenta]
    plain = reached(paths["plain"][-1])
    by_restarts = best_of(plain, restarts)
    rows = [_row(name, ways[name], path) for name, path in paths.items()]
    share = float(plain.mean())
    shown = _shown_start(paths)
    best = int(np.argmax(by_momentum))
    return Built(
        caption=(
            f"{starts} starts drawn between −{-RANGE[0]:g} and {RANGE[1]:g}, {steps} steps each. Top left: the error "
            f"and, lifted above it, the first {DRAWN} steps from the first start from which momentum {momentum:g} "
            "reaches the global minimum and plain descent does not (if there is none, the first start). The other "
            "plots: share of starts that reach it by momentum, and if the best of several starts counts (line: "
            "expected from independent starts); and the mean error on the way."
        ),
        alt=(
            "Four plots: an error curve with local minima and two paths on it; shares of starts that reach the global "
            "minimum by momentum and by the number of restarts; mean errors over steps for four ways to go down"
        ),
        data=_frame(momenta, by_momentum, by_restarts, paths),
        table=Table.of(
            pd.DataFrame(rows),
            Column("way", "descent"),
            Column("rate", "rate", "right"),
            Column("momentum", "momentum", "right"),
            Column("reached", "starts that reach the global minimum", "right", "%", 1),
            Column("error", "mean error at the end", "right", decimals=3),
        ),
        figure=_figure(paths, shown, (momenta, by_momentum), (share, by_restarts)),
        facts={
            "reached": {row["way"]: row["reached"] for row in rows},
            "best_momentum": {"momentum": momenta[best], "reached": by_momentum[best]},
            "restarts": by_restarts,
            "minimum": global_minimum(),
            "curve": {"centre": CENTRE, "bowl": BOWL, "waves": WAVES},
        },
    )


def best_of(successes: NDArray[np.bool_], most: int) -> list[float]:
    """Return the share of groups of 1, 2, … starts in which at least one succeeds; the groups do not overlap."""
    shares = []
    for size in range(1, most + 1):
        whole = len(successes) // size * size
        shares.append(float(successes[:whole].reshape(-1, size).any(axis=1).mean()))
    return shares


def _shown_start(paths: dict[str, Floats]) -> int:
    """Return the position of the first start from which only momentum succeeds, or 0."""
    return int(np.argmax(reached(paths["momentum"][-1]) & ~reached(paths["plain"][-1])))


def _row(name: str, descent: Descent, path: Floats) -> dict[str, Any]:
    rate = f"{descent.rate:g}" if descent.decay == 1 else f"{descent.rate:g}, times {descent.decay:g} a step"
    share, mean = float(reached(path[-1]).mean()), float(error(path[-1]).mean())
    return {"way": name, "rate": rate, "momentum": descent.momentum, "reached": share, "error": mean}


def _frame(
    momenta: Sequence[float], by_momentum: Sequence[float], by_restarts: Sequence[float], paths: dict[str, Floats]
) -> pd.DataFrame:
    """Return what is drawn besides the curve itself, in long form."""
    parts = [
        pd.DataFrame({"quantity": "reached, by momentum", "at": momenta, "value": by_momentum}),
        pd.DataFrame({"quantity": "reached, by restarts", "at": range(1, len(by_restarts) + 1), "value": by_restarts}),
    ]
    shown = _shown_start(paths)
    for name, path in paths.items():
        means = error(path).mean(axis=1)
        parts.append(pd.DataFrame({"quantity": f"mean error, {name}", "at": range(len(means)), "value": means}))
        if name in ("plain", "momentum"):
            parts.append(pd.DataFrame({"quantity": f"weight, {name}", "at": range(len(path)), "value": path[:, shown]}))
    return pd.concat(parts, ignore_index=True)


def _figure(
    paths: dict[str, Floats],
    shown: int,
    by_momentum: tuple[Sequence[float], Sequence[float]],
    by_restarts: tuple[float, Sequence[float]],
) -> Figure:
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 4.8))
        (curve, momentum), (mean, restarts) = figure.subplots(2, 2)
        _draw_paths(curve, paths, shown)
        # Side by side: what matters is near 1.
        momentum.plot(
            [f"{value:g}".lstrip("0") or "0" for value in by_momentum[0]],
            by_momentum[1],
            "o-",
            color=COLOURS[1],
            markersize=4,
        )
        momentum.tick_params(axis="x", labelsize=7)
        momentum.set_xlabel("momentum")
        for position, (name, path) in enumerate(paths.items()):
            mean.plot(error(path).mean(axis=1), color=COLOURS[position], linestyle=LINES[position], label=name)
        mean.set_xlabel("step")
        mean.set_ylabel("mean error")
        figure.legend(handles=mean.get_lines(), loc="outside upper left", ncols=len(paths), fontsize=7.5)
        share, counted = by_restarts
        numbers = np.arange(1, len(counted) + 1)
        restarts.plot(numbers, 1 - (1 - share) ** numbers, color=INK, linewidth=1)
        restarts.plot(numbers, counted, "o", color=COLOURS[0], markersize=4)
        restarts.set_xlabel("number of starts, of which the best counts")
        for axes in (momentum, restarts):
            axes.set_ylim(0, 1.02)
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
            axes.set_ylabel("reach the global minimum")
    return figure


def _draw_paths(axes: Axes, paths: dict[str, Floats], shown: int) -> None:
    """Draw the error and, above it, the way of one start with and without momentum."""
    grid = np.linspace(*RANGE, 601)
    axes.plot(grid, error(grid), color=INK, linewidth=1)
    axes.plot(global_minimum(), error(np.array(global_minimum())), "v", color=COLOURS[2], markersize=6, zorder=1)
    for position, name in enumerate(("plain", "momentum")):
        path = paths[name][: DRAWN + 1, shown]
        # Above the curve, so that neither hides it or the other.
        style: dict[str, Any] = {"color": COLOURS[position], "marker": "os"[position], "markersize": 2.8}
        axes.plot(path, error(path) + LIFT * (1 + position), linestyle="none", **style)
    axes.set_xlabel("weight")
    axes.set_ylabel("error")
