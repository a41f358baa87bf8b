"""The notes' two algorithms for a single unit on the course's points: boundaries as they move (1.2)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.course_notes.scatter import draw_line, draw_points
from rework.artefacts.course_notes.single_units import (
    RULES,
    accuracy_of,
    cross_entropy_of,
    random_starts,
    visit_points,
)
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Table
from rework.drawing.style import COLOURS, FULL_WIDTH, INK, LINES, plot_style
from rework.settings.ranges import Count, Few, Positive, Whole

Floats = NDArray[np.float64]


@needs(datasets="two-class-points")
def perceptron_training(
    context: ArtefactContext,
    *,
    seed: Whole,
    learning_rate: Positive,
    epochs: Count,
    shown: tuple[Count, ...],
    other_starts: Few,
) -> Built:
    """Train a unit by the perceptron algorithm as printed, by the right one, and by gradient descent.

    Args:
        context: the artefact.
        seed: of the start that is drawn, in NumPy's legacy generator, which the course uses.
        learning_rate: of all three.
        epochs: passes over the points.
        shown: epochs after which the table has loss and accuracy.
        other_starts: how many further starts tell how much depends on the start.
    """
    data = context.table(context.settings.datasets[0])
    points, labels = data[["x1", "x2"]].to_numpy(), data["label"].to_numpy()
    starts = random_starts(seed, 2, 1 + other_starts)
    units = {rule: visit_points(points, labels, starts, rule, learning_rate, epochs) for rule in RULES}
    accuracies = {rule: accuracy_of(found, points, labels) for rule, found in units.items()}
    losses = {rule: cross_entropy_of(found[:, 0], points, labels) for rule, found in units.items()}
    rows = [_row(rule, accuracies[rule], losses[rule], shown) for rule in RULES]
    drift = np.ptp(units["perceptron as printed"][:, 0, 0] - units["perceptron as printed"][:, 0, 1])
    table = pd.DataFrame(rows)
    return Built(
        caption=(
            f"One unit on the {len(points)} points, by three rules at the rate {learning_rate:g} from the same start "
            f"(seed {seed}): the boundary at the start (dotted), on its way, and after {epochs} epochs (solid); share "
            "of points on the right side after each epoch, and cross-entropy of gradient descent. The last columns of "
            f"the table are the accuracies after {epochs} epochs from {other_starts} further starts."
        ),
        alt=(
            "Three scatter plots of two classes of points with the boundary moving from the start to the end, one for "
            "each rule, above line plots of accuracy and cross-entropy over epochs"
        ),
        data=_frame(units, accuracies, losses),
        table=Table.of(
            table,
            Column("rule", "rule"),
            *(Column(f"accuracy {k}", f"accuracy after {_epochs(k)}", "right", "%", 0) for k in shown),
            Column("loss", "cross-entropy at the end, nats", "right", decimals=4),
            Column("mean", "further starts: mean", "right", "%", 1),
            Column("least", "least", "right", "%", 0),
            Column("greatest", "greatest", "right", "%", 0),
        ),
        figure=_figure(points, labels, units, accuracies, losses["gradient descent"]),
        facts={
            "ends": {row["rule"]: row[f"accuracy {shown[-1]}"] for row in rows},
            "means": {row["rule"]: row["mean"] for row in rows},
            "losses": {str(k): float(losses["gradient descent"][k]) for k in shown},
            "accuracies": {str(k): float(accuracies["gradient descent"][k, 0]) for k in shown},
            "unit": units["gradient descent"][-1, 0].tolist(),
            "drift": float(drift),
            "still": bool((units["perceptron"][-1] == units["perceptron"][-2]).all()),
        },
    )


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"


def _row(rule: str, accuracies: Floats, losses: Floats, shown: tuple[int, ...]) -> dict[str, Any]:
    """Return a row of the table: accuracies (epochs + 1, starts) and losses (epochs + 1,) of the first start."""
    others = accuracies[-1, 1:]
    return {
        "rule": rule,
        **{f"accuracy {epoch}": float(accuracies[epoch, 0]) for epoch in shown},
        "loss": float(losses[-1]),
        "mean": float(others.mean()),
        "least": float(others.min()),
        "greatest": float(others.max()),
    }


def _frame(units: dict[str, Floats], accuracies: dict[str, Floats], losses: dict[str, Floats]) -> pd.DataFrame:
    """Return boundary, accuracy and loss of the first start after each epoch, by rule."""
    parts = [
        pd.DataFrame(found[:, 0], columns=["w1", "w2", "b"])
        .assign(accuracy=accuracies[rule][:, 0], cross_entropy=losses[rule])
        .rename_axis("epoch")
        .reset_index()
        .assign(rule=rule)
        for rule, found in units.items()
    ]
    data = pd.concat(parts, ignore_index=True)
    return data[["rule", "epoch", "w1", "w2", "b", "accuracy", "cross_entropy"]]


def _figure(
    points: Floats, labels: Floats, units: dict[str, Floats], accuracies: dict[str, Floats], losses: Floats
) -> Figure:
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 4.9))
        panels = figure.subplot_mosaic([["a", "b", "c"], ["d", "d", "e"]], height_ratios=[1.15, 1])
        for name, (rule, found) in zip("abc", units.items(), strict=True):
            draw_points(panels[name], points, labels)
            _draw_moves(panels[name], found[:, 0])
            panels[name].set_title(rule)
        panels["a"].set_ylabel("x₂")
        figure.legend(*panels["a"].get_legend_handles_labels(), loc="outside upper right", ncols=2, handletextpad=0.1)
        for position, (rule, found) in enumerate(accuracies.items()):
            panels["d"].plot(found[:, 0], color=COLOURS[position], linestyle=LINES[position], label=rule)
        panels["d"].set_ylabel("points on the right side")
        panels["d"].yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
        panels["d"].legend(fontsize=7.5)
        panels["e"].plot(losses, color=COLOURS[2], linestyle=LINES[2])
        panels["e"].set_ylabel("cross-entropy (nats)")
        for name in "de":
            panels[name].set_xlabel("epoch")
    return figure


def _draw_moves(axes: Axes, units: Floats) -> None:
    """Draw the boundary at the start, after ever more epochs, and at the end; ``units`` is (epochs + 1, 3)."""
    last = len(units) - 1
    between = [epoch for epoch in (1, 2, 5, 10, 20, 50) if epoch < last]
    draw_line(axes, units[0], color=INK, linestyle=":", linewidth=1.2)
    for place, epoch in enumerate(between, start=1):
        draw_line(axes, units[epoch], color=COLOURS[2], linewidth=0.8, alpha=0.25 + 0.5 * place / len(between))
    draw_line(axes, units[last], color=INK, linewidth=1.8)
