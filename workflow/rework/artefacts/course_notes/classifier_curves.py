"""The classifier of garments (section 2.3): curves, the right class among five, precision and recall by class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray
from scipy.special import log_softmax

from rework.artefacts.context import ArtefactContext
from rework.artefacts.course_notes.reloaded import reloaded
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.quantities import SPLITS
from rework.artefacts.result import Built, Column, Measured, Table
from rework.artefacts.sentences import limits, mean_of_seeds
from rework.drawing.style import COLOURS, FULL_WIDTH, INK, LINES, plot_style
from rework.evaluation.per_class import precision_and_recall, top_k_accuracy
from rework.evaluation.statistics import Estimate, estimate
from rework.settings.artefact import RunReference

Floats = NDArray[np.float64]
Estimates = Mapping[str, Mapping[str, Estimate]]  # by metric and run
ACCURACIES = ("test_accuracy", "validation_accuracy")
TOP = 5
MEASURES = ("precision", "recall")
STYLES: Mapping[str, Any] = {"train": LINES[0], "validation": LINES[1], "test": LINES[3]}
MARKERS = "osD^"


@dataclass(frozen=True)
class Reading:
    """What a run with one seed says of the test pictures, computed anew from its stored weights.

    Attributes:
        top_5: the share of pictures whose class is among the five most probable.
        precision: of each class, shape (classes,).
        recall: likewise.
        same: of how many pictures the label is the one that the evaluation stored.
    """

    top_5: float
    precision: Floats
    recall: Floats
    same: int


def log_probabilities(pictures: NDArray[np.uint8], weights: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
    """Return what a fully connected network with ReLU says of pictures, without its dropout, shape (N, classes).

    Args:
        pictures: bytes, N x C x H x W, which were scaled to -1..1 in its training.
        weights: of a ``feedforward`` model by name.
    """
    values = (pictures.reshape(len(pictures), -1).astype(np.float32) / 255 - 0.5) / 0.5
    hidden = sum(name.startswith("hidden.") and name.endswith(".weight") for name in weights)
    for layer in [f"hidden.affine{number}" for number in range(1, hidden + 1)]:
        values = np.maximum(values @ weights[f"{layer}.weight"].T + weights[f"{layer}.bias"], 0)
    found: NDArray[np.float32] = log_softmax(values @ weights["output.weight"].T + weights["output.bias"], axis=1)
    return found


@measures("test_accuracy", "validation_accuracy", "top_5_accuracy")
@needs(
    runs=(2, ...),
    model="feedforward",
    values={"data.normalise": "half", "model.activation": "relu"},
    divided="groups",
    same_data=True,
    history="test_accuracy",
)
def classifier_curves(context: ArtefactContext, *, groups: tuple[tuple[str, str], ...]) -> Built:
    """Return curves, and what the runs say of the test pictures.

    Args:
        context: the artefact.
        groups: pairs of runs that share their panels, without and with dropout.
    """
    runs = context.settings.runs
    dataset = context.dataset(runs[0].dataset)
    pictures = np.asarray(dataset.splits["test"].inputs)
    readings = {run.run: [_read(context, pictures, run.run, seed) for seed in run.seeds] for run in runs}
    estimates = {metric: {run.run: context.estimate(run.run, metric) for run in runs} for metric in ACCURACIES}
    estimates["top_5_accuracy"] = {
        name: estimate([reading.top_5 for reading in found], share=True) for name, found in readings.items()
    }
    same, read = _agreement(readings, len(pictures))
    stored = reloaded(context, *runs)
    losses = {run.run: context.over_epochs(run, "validation_loss").mean(axis=0) for run in runs}
    return Built(
        caption=(
            f"Above, loss and accuracy over {runs[0].epochs} epochs: training as met on the way, validation and test "
            f"after each epoch; {mean_of_seeds(runs)}. Below, precision and recall of each class on {len(pictures)} "
            "test pictures. The course calls its test set validation and has no other; here, validation pictures are "
            f"held out of the training ones. Of {read} labels computed anew from stored weights, {same} are those of "
            f"the evaluation, and {stored.equal} of {stored.trainings} trainings measured exactly the same on the "
            "validation split before their weights were saved and after they were loaded."
        ),
        alt=(
            "Line plots of loss and accuracy over epochs for networks with and without dropout, and dots of precision "
            "and recall for each class"
        ),
        data=_long_form(context, readings, dataset.classes),
        values=tuple(_values(runs, estimates)),
        table=_table(runs, estimates, losses),
        figure=_draw(context, groups, readings, dataset.classes),
        facts={
            "accuracy": {name: found.mean for name, found in estimates["test_accuracy"].items()},
            "least_loss_epoch": {name: int(found.argmin()) + 1 for name, found in losses.items()},
            "loss_rise": {name: float(found[-1] - found.min()) for name, found in losses.items()},
            "hardest": {
                name: dataset.classes[int(_mean_of(found, "recall").argmin())] for name, found in readings.items()
            },
            "same_labels": same,
            "labels": read,
            "reloaded": vars(stored),
        },
    )


def _read(context: ArtefactContext, pictures: NDArray[np.uint8], run: str, seed: int) -> Reading:
    scores, stored = log_probabilities(pictures, context.weights(run, seed)), context.predictions(run, seed)
    precision, recall = precision_and_recall(stored["predictions"], stored["targets"], scores.shape[1])
    same = int((scores.argmax(axis=1) == stored["predictions"]).sum())
    return Reading(top_k_accuracy(scores, stored["targets"], TOP), precision, recall, same)


def _agreement(readings: Mapping[str, Sequence[Reading]], pictures: int) -> tuple[int, int]:
    """Return how many labels computed anew are the stored ones, and how many there are."""
    every = [reading for found in readings.values() for reading in found]
    return sum(reading.same for reading in every), pictures * len(every)


def _mean_of(readings: Sequence[Reading], measure: str) -> Floats:
    """Return the precision or the recall of each class as a mean over seeds, shape (classes,)."""
    found: Floats = np.mean([getattr(reading, measure) for reading in readings], axis=0)
    return found


def _values(runs: Sequence[RunReference], estimates: Estimates) -> list[Measured]:
    return [
        Measured(run.run, metric, f"{run.label}, {metric.replace('_', ' ')}", found[run.run], run.seeds, "%")
        for run in runs
        for metric, found in estimates.items()
    ]


def _table(runs: Sequence[RunReference], estimates: Estimates, losses: Mapping[str, Floats]) -> Table:
    rows = [
        {
            "network": run.label,
            **{metric: found[run.run].mean for metric, found in estimates.items()},
            "interval": limits(estimates["test_accuracy"][run.run]),
            "least": int(losses[run.run].argmin()) + 1,
        }
        for run in runs
    ]
    return Table.of(
        pd.DataFrame(rows),
        Column("network", "network"),
        Column("test_accuracy", "test accuracy", "right", "%"),
        Column("interval", "90 % interval", "right"),
        Column("top_5_accuracy", "class among the first five", "right", "%"),
        Column("validation_accuracy", "validation accuracy", "right", "%"),
        Column("least", "epoch of the least validation loss", "right"),
    )


def _long_form(
    context: ArtefactContext, readings: Mapping[str, Sequence[Reading]], classes: Sequence[str]
) -> pd.DataFrame:
    """Return everything that is drawn, a row for each value: of an epoch, or of a class."""
    runs = context.settings.runs
    columns = ["train_loss", "validation_loss", "train_accuracy", "validation_accuracy", "test_accuracy"]
    curves = context.histories(*runs).melt(["run", "seed", "epoch"], columns, "what", "value")
    of_classes = [
        pd.DataFrame({"class": classes, "value": getattr(reading, measure)}).assign(
            run=run.label, seed=seed, what=measure
        )
        for run in runs
        for seed, reading in zip(run.seeds, readings[run.run], strict=True)
        for measure in MEASURES
    ]
    joined = pd.concat([curves, *of_classes], ignore_index=True)
    return joined[["run", "seed", "what", "epoch", "class", "value"]].astype({"epoch": "Int64"})


def _draw(
    context: ArtefactContext,
    groups: Sequence[tuple[str, str]],
    readings: Mapping[str, Sequence[Reading]],
    classes: Sequence[str],
) -> Figure:
    """Return a column of panels for each group: loss, accuracy; and below, precision and recall of all runs."""
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 7.8))
        grid = figure.subplots(3, len(groups), squeeze=False, height_ratios=(1, 1, 1.3))
        for column, group in enumerate(groups):
            runs = [context.run(name) for name in group]
            _draw_curves(grid[0, column], context, runs, "loss", ("train", "validation"))
            _draw_curves(grid[1, column], context, runs, "accuracy", ("validation", "test"))
            grid[0, column].set_title(runs[0].label)
        for row, label in ((0, "loss (nats)"), (1, "accuracy")):
            grid[row, 0].set_ylabel(label)
        for axes, measure in zip(grid[2], MEASURES, strict=True):
            _draw_classes(axes, context.settings.runs, readings, measure, len(classes))
        grid[2, 0].set_yticks(range(len(classes)), classes, fontsize=7.5)
        grid[2, 1].set_yticks(range(len(classes)), [""] * len(classes))
        names = {
            name: Line2D([], [], color=COLOURS[position]) for position, name in enumerate(("no dropout", "dropout"))
        }
        names |= {SPLITS[split]: Line2D([], [], color=INK, linestyle=line) for split, line in STYLES.items()}
        figure.legend(list(names.values()), list(names), loc="outside upper left", ncols=5, fontsize=8)
        dots = [run.label for run in context.settings.runs]
        figure.legend(grid[2, 0].get_lines(), dots, loc="outside lower left", ncols=2, fontsize=8)
    return figure


def _draw_curves(
    axes: Axes, context: ArtefactContext, runs: Sequence[RunReference], quantity: str, splits: tuple[str, str]
) -> None:
    """Draw one quantity of two splits: a colour for each run, a line style for each split."""
    for position, run in enumerate(runs):
        for split in splits:
            mean = context.over_epochs(run, f"{split}_{quantity}").mean(axis=0)
            axes.plot(np.arange(1, len(mean) + 1), mean, color=COLOURS[position], linestyle=STYLES[split])
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if quantity == "accuracy":
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))


def _draw_classes(
    axes: Axes,
    runs: Sequence[RunReference],
    readings: Mapping[str, Sequence[Reading]],
    measure: str,
    classes: int,
) -> None:
    """Draw a dot for each class and run."""
    for position, run in enumerate(runs):
        places = np.arange(classes) + (position - (len(runs) - 1) / 2) * 0.18
        axes.plot(
            _mean_of(readings[run.run], measure), places, MARKERS[position], color=COLOURS[position], markersize=3.5
        )
    axes.set_ylim(classes - 0.4, -0.6)
    axes.set_xlabel(measure)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=None))
