"""The loss and a metric during a training, measured on few random examples of the training and of the test split."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.quantities import SPLITS, Metric, Quantity
from rework.artefacts.result import Built
from rework.drawing.style import COLOURS, FULL_WIDTH, plot_style
from rework.settings.artefact import RunReference

Columns = Mapping[str, NDArray[np.float64]]


def probe_curves(context: ArtefactContext, *, metric: str = "accuracy") -> Built:
    """Return the loss and a ``metric`` of the artefact's first run and seed, over updates."""
    run, quantity = context.settings.runs[0], Metric.of(metric).quantity
    probes, history = context.probes(run.run, run.seeds[0]), context.history(run.run, run.seeds[0])
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.7))
        left, right = figure.subplots(1, 2)
        left.plot(probes["steps"], probes["batch_loss"], color=COLOURS[0], linewidth=0.9)
        left.set_yscale("log")
        left.set_xlabel("updates")
        left.set_ylabel(f"loss of one batch ({Metric.of('loss').quantity.unit})")
        draw_probes(right, probes, history, metric)
        right.legend(fontsize=7.5, loc="lower right" if quantity.better == "higher" else "upper right")
    of_test = probes[f"test_{metric}"]
    noise = float(np.std(of_test[len(of_test) // 2 :]))
    last = float(history[f"test_{metric}"][-1])
    ways = ("falling", "rising and noisy" if quantity.better == "higher" else "falling and noisy")
    return Built(
        caption=(
            f"Left: loss of one batch during the training of {run.label}. Right: {quantity.words} on random examples "
            f"of the training and of the test split, as in the writeup, beside the {quantity.words} on the whole test "
            f"set after each epoch. In the second half the {quantity.words} on random test examples has a standard "
            f"deviation of {_deviation(noise, quantity)} around its mean; the whole test set ends at "
            f"{quantity.text(last)}. Seed {run.seeds[0]}."
        ),
        alt=f"Line plots over updates of the loss, {ways[0]}, and of training and test {quantity.words}, {ways[1]}",
        data=probe_rows([(run, probes, history)], metric),
        figure=figure,
        facts={"noise": noise, "last": last},
    )


def draw_probes(axes: Axes, probes: Columns, history: Columns, metric: str) -> None:
    """Draw a metric over updates: on random examples as thin lines, on the whole test set as marked points."""
    quantity = Metric.of(metric).quantity
    for position, split in enumerate(("train", "test")):
        label = f"{SPLITS[split]} examples"
        axes.plot(probes["steps"], probes[f"{split}_{metric}"], color=COLOURS[position], linewidth=0.8, label=label)
    axes.plot(
        *(history["steps"], history[f"test_{metric}"]),
        color="#1b1b1b",
        marker="D",
        markersize=2.6,
        linewidth=0,
        markeredgecolor="#9aa3ad",
        markeredgewidth=0.4,
        label="whole test set",
    )
    axes.set_xlabel("updates")
    axes.set_ylabel(quantity.axis)
    if quantity.percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    axes.tick_params(axis="x", labelsize=7)
    axes.locator_params(axis="x", nbins=4)


def probe_rows(
    found: Sequence[tuple[RunReference, Columns, Columns]], metric: str
) -> tuple[tuple[str, ...], list[list[Any]]]:
    """Return what a CSV holds of runs with their probes and histories: its columns and rows."""
    rows: list[list[Any]] = []
    for run, probes, history in found:
        for column in ("batch_loss", f"train_{metric}", f"test_{metric}"):
            rows += [
                [run.label, f"{column} of a probe", int(step), float(value)]
                for step, value in zip(probes["steps"], probes[column], strict=True)
            ]
        rows += [
            [run.label, f"test_{metric} of the whole test set", int(step), float(value)]
            for step, value in zip(history["steps"], history[f"test_{metric}"], strict=True)
        ]
    return ("run", "what", "updates", "value"), rows


def _deviation(value: float, quantity: Quantity) -> str:
    return f"{100 * value:.1f} points" if quantity.percent else f"{value:.3f} {quantity.unit}".rstrip()
