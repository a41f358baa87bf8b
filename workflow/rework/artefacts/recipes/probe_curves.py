"""The loss and a metric during training, measured on a few random examples of the training and test splits."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from rework.artefacts.context import ArtefactContext
from rework.artefacts.needs import needs
from rework.artefacts.quantities import SPLITS, Metric, Quantity
from rework.artefacts.result import Built
from rework.drawing.style import COLOURS, FULL_WIDTH, plot_style
from rework.settings.artefact import RunReference


@needs(runs=1, keys="probe", history="test_{metric}", probes=("train_{metric}", "test_{metric}"))
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
    of_test = probes[f"test_{metric}"].to_numpy()
    noise = float(np.std(of_test[len(of_test) // 2 :]))
    last = float(history[f"test_{metric}"].iloc[-1])
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
        data=probe_values([(run, probes, history)], metric),
        figure=figure,
        facts={"noise": noise, "last": last},
    )


def draw_probes(axes: Axes, probes: pd.DataFrame, history: pd.DataFrame, metric: str) -> None:
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


def probe_values(found: Sequence[tuple[RunReference, pd.DataFrame, pd.DataFrame]], metric: str) -> pd.DataFrame:
    """Return the CSV data for runs with their probes and histories: a row for each value."""
    parts: list[pd.DataFrame] = []
    for run, probes, history in found:
        for table, columns, where in (
            (probes, ["batch_loss", f"train_{metric}", f"test_{metric}"], "a probe"),
            (history, [f"test_{metric}"], "the whole test set"),
        ):
            values = table.rename(columns={"steps": "updates"}).melt("updates", columns, "what")
            parts.append(values.assign(run=run.label, what=values["what"] + f" of {where}"))
    return pd.concat(parts)[["run", "what", "updates", "value"]]


def _deviation(value: float, quantity: Quantity) -> str:
    return f"{100 * value:.1f} points" if quantity.percent else f"{value:.3f} {quantity.unit}".rstrip()
