"""Losses and accuracies during a training, measured on few random examples (writeup 002, tasks 1.2 and 2.2)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray
from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.recipes.accuracies import accuracy_table
from rework.artefacts.result import Built
from rework.drawing.style import COLOURS, FULL_WIDTH, plot_style
from rework.settings.artefact import RunReference

Columns = Mapping[str, NDArray[np.float64]]


def probe_curves(context: ArtefactContext) -> Built:
    """Return loss and accuracies of the artefact's first run and seed, over updates."""
    run = context.settings.runs[0]
    probes, history = context.probes(run.run, run.seeds[0]), context.history(run.run, run.seeds[0])
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.7))
        left, right = figure.subplots(1, 2)
        left.plot(probes["steps"], probes["batch_loss"], color=COLOURS[0], linewidth=0.9)
        left.set_yscale("log")
        left.set_xlabel("updates")
        left.set_ylabel("loss of one batch (nats)")
        draw_accuracies(right, probes, history)
        right.legend(fontsize=7.5, loc="lower right")
    noise = float(np.std(probes["test_accuracy"][len(probes["test_accuracy"]) // 2 :]))
    last = float(history["test_accuracy"][-1])
    return Built(
        caption=(
            f"Left: loss of one batch during the training of {run.label}. Right: accuracy on random examples of the "
            f"training and of the test split, as in the writeup, beside the accuracy on the whole test set after each "
            f"epoch. In the second half the accuracy on random test examples has a standard deviation of "
            f"{100 * noise:.1f} points around its mean; the whole test set ends at {100 * last:.2f} %. "
            f"Seed {run.seeds[0]}."
        ),
        alt="Line plots over updates of the loss, falling, and of training and test accuracy, rising and noisy",
        data=_data([(run, probes, history)]),
        figure=figure,
        facts={"noise": noise, "last": last, "l2_loss": float(history["l2_loss"][-1])},
    )


@measures("test_accuracy")
def accuracy_panels(context: ArtefactContext) -> Built:
    """Discussion 2: the accuracies during training of several runs side by side, and their test accuracies."""
    runs = context.settings.runs
    found = [(run, context.probes(run.run, run.seeds[0]), context.history(run.run, run.seeds[0])) for run in runs]
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.5))
        all_axes = figure.subplots(1, len(runs), sharey=True, squeeze=False)[0]
        for axes, (run, probes, history) in zip(all_axes, found, strict=True):
            draw_accuracies(axes, probes, history)
            axes.set_title(run.label, fontsize=8)
        for axes in all_axes[1:]:
            axes.set_ylabel("")
        handles, names = all_axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper left", ncols=3, fontsize=7.5)
    table = accuracy_table(context, "Test accuracy of the four trainings")
    gaps = {run.run: context.estimate(run.run, "generalisation_gap")[0].mean for run in runs}
    return Built(
        caption=(
            "Accuracies during four trainings, on random examples of the training and of the test split and on the "
            f"whole test set (seed {runs[0].seeds[0]}). At the end the training split is ahead of the test set by "
            + ", ".join(f"{100 * gaps[run.run]:.1f} points ({run.label})" for run in runs)
            + f". {table.caption}"
        ),
        alt=f"Four panels of noisy accuracy curves over updates: {', '.join(run.label for run in runs)}",
        data=_data(found),
        values=table.values,
        figure=figure,
        facts={"gaps": gaps},
    )


def draw_accuracies(axes: Axes, probes: Columns, history: Columns) -> None:
    """Draw accuracies over updates: on random examples as thin lines, on the whole test set as marked points."""
    axes.plot(probes["steps"], probes["train_accuracy"], color=COLOURS[0], linewidth=0.8, label="training examples")
    axes.plot(probes["steps"], probes["test_accuracy"], color=COLOURS[1], linewidth=0.8, label="test examples")
    axes.plot(
        *(history["steps"], history["test_accuracy"]),
        color="#1b1b1b",
        marker="D",
        markersize=2.6,
        linewidth=0,
        markeredgecolor="#9aa3ad",
        markeredgewidth=0.4,
        label="whole test set",
    )
    axes.set_xlabel("updates")
    axes.set_ylabel("accuracy")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    axes.tick_params(axis="x", labelsize=7)
    axes.locator_params(axis="x", nbins=4)


def _data(found: Sequence[tuple[RunReference, Columns, Columns]]) -> tuple[tuple[str, ...], list[list[Any]]]:
    rows: list[list[Any]] = []
    for run, probes, history in found:
        for column in ("batch_loss", "train_accuracy", "test_accuracy"):
            rows += [
                [run.label, f"{column} of a probe", int(step), float(value)]
                for step, value in zip(probes["steps"], probes[column], strict=True)
            ]
        rows += [
            [run.label, "test_accuracy of the whole test set", int(step), float(value)]
            for step, value in zip(history["steps"], history["test_accuracy"], strict=True)
        ]
    return ("run", "what", "updates", "value"), rows
