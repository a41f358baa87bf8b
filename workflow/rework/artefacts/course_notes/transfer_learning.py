"""Transfer learning (section 3.7): curves of a new classifier, and its five most probable classes for some pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.course_notes.reloaded import reloaded
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table
from rework.artefacts.sentences import limits, mean_of_seeds
from rework.drawing.example_pictures import OTHER, RIGHT, WRONG, draw_picture
from rework.drawing.style import COLOURS, FULL_WIDTH, INK, LINES, plot_style
from rework.evaluation.per_class import top_k_accuracy
from rework.evaluation.statistics import Estimate, estimate
from rework.settings.artefact import RunReference
from rework.settings.ranges import Few

TOP = 5
SPLITS = ("train", "validation")


@dataclass(frozen=True)
class Guess:
    """The most probable classes of a picture.

    Attributes:
        picture: its number in the test split.
        truth: its class.
        classes: the most probable classes, the first one first.
        probabilities: of these classes.
    """

    picture: int
    truth: int
    classes: tuple[int, ...]
    probabilities: tuple[float, ...]


def choose_pictures(probabilities: NDArray[np.floating], targets: NDArray[np.int64], count: int) -> list[Guess]:
    """Return the most probable classes of some pictures: first mistakes, the surest first, then the least sure hits.

    At most half of them are mistakes, if there are enough hits.

    Args:
        probabilities: of each class for each picture, shape (N, classes).
        targets: the right classes, shape (N,).
        count: how many pictures.
    """
    labels, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    by_sureness = np.argsort(-sure, kind="stable")
    wrong = by_sureness[labels[by_sureness] != targets[by_sureness]]
    hits = by_sureness[labels[by_sureness] == targets[by_sureness]][::-1]
    mistakes = max(min(len(wrong), count // 2), count - len(hits))
    chosen = [*wrong[:mistakes], *hits[: count - mistakes]]
    ranked = np.argsort(-probabilities[chosen], axis=1, kind="stable")[:, :TOP]
    return [
        Guess(
            int(picture),
            int(targets[picture]),
            tuple(map(int, order)),
            tuple(map(float, probabilities[picture, order])),
        )
        for picture, order in zip(chosen, ranked, strict=True)
    ]


@measures("test_accuracy", "validation_accuracy", "top_5_accuracy")
@needs(runs=(1, ...), model="transfer-network", same_data=True)
def transfer_learning(context: ArtefactContext, *, pictures: Few) -> Built:
    """Return curves of the artefact's runs, and ``pictures`` test pictures with what its first run says of them."""
    runs = context.settings.runs
    first, seed = runs[0], runs[0].seeds[0]
    dataset = context.dataset(first.dataset)
    stored = context.predictions(first.run, seed)
    guesses = choose_pictures(stored["probabilities"], stored["targets"], pictures)
    estimates = {
        metric: {run.run: context.estimate(run.run, metric) for run in runs}
        for metric in ("test_accuracy", "validation_accuracy")
    }
    estimates["top_5_accuracy"] = {run.run: _top(context, run) for run in runs}
    mistakes = sum(guess.classes[0] != guess.truth for guess in guesses)
    again = reloaded(context, *runs)
    shown = [np.asarray(dataset.splits["test"].inputs[guess.picture]) for guess in guesses]
    return Built(
        caption=(
            f"Above, loss and accuracy over {first.epochs} epochs; {mean_of_seeds(runs)}. Below, test pictures and the "
            f"five classes that the network with {first.label} (seed {seed}) finds most probable, the right one in "
            "green: "
            + (f"{mistakes} of its surest mistakes and " if mistakes else "")
            + f"{len(guesses) - mistakes} of its hits that are least sure. {again.equal} of {again.trainings} "
            "trainings measured exactly the same on the validation split before their weights were saved and after "
            "they were loaded into a network built anew."
        ),
        alt="Line plots of loss and accuracy over epochs, and photographs with bars of their most probable classes",
        data=_long_form(context, guesses, dataset.classes),
        values=tuple(
            Measured(run.run, metric, f"{run.label}, {metric.replace('_', ' ')}", found[run.run], run.seeds, "%")
            for run in runs
            for metric, found in estimates.items()
        ),
        table=_table(context, estimates),
        figure=_draw(context, guesses, shown, dataset.classes),
        facts={
            "accuracy": {run.run: estimates["test_accuracy"][run.run].mean for run in runs},
            "top_5": {run.run: estimates["top_5_accuracy"][run.run].mean for run in runs},
            "first": first.run,
            "mistakes": mistakes,
            "in_top_5": sum(guess.truth in guess.classes for guess in guesses),
            "pictures": len(guesses),
            "reloaded": vars(again),
        },
    )


def _top(context: ArtefactContext, run: RunReference) -> Estimate:
    """Return the share of test pictures whose class is among the five most probable, over the seeds of a run."""
    found = [context.predictions(run.run, seed) for seed in run.seeds]
    return estimate([top_k_accuracy(one["probabilities"], one["targets"], TOP) for one in found], share=True)


def _table(context: ArtefactContext, estimates: Mapping[str, Mapping[str, Estimate]]) -> Table:
    rows = []
    for run in context.settings.runs:
        provenance = context.provenance(run.run, run.seeds[0])
        rows.append(
            {
                "run": run.label,
                **{metric: found[run.run].mean for metric, found in estimates.items()},
                "interval": limits(estimates["test_accuracy"][run.run]),
                "trained": provenance["parameters"],
                "seconds": provenance["seconds_per_epoch"],
            }
        )
    return Table.of(
        pd.DataFrame(rows),
        Column("run", "training"),
        Column("trained", "weights trained", "right"),
        Column("test_accuracy", "test accuracy", "right", "%"),
        Column("interval", "90 % interval", "right"),
        Column("top_5_accuracy", "class among the first five", "right", "%"),
        Column("validation_accuracy", "validation accuracy", "right", "%"),
    )


def _long_form(context: ArtefactContext, guesses: Sequence[Guess], classes: Sequence[str]) -> pd.DataFrame:
    """Return everything that is drawn, a row for each value: of an epoch, or of a class of a picture."""
    columns = [f"{split}_{name}" for name in ("loss", "accuracy") for split in SPLITS]
    curves = context.histories(*context.settings.runs).melt(["run", "seed", "epoch"], columns, "what", "value")
    run = context.settings.runs[0]
    rows = [
        {"test picture": guess.picture, "right class": classes[guess.truth], "class": classes[label], "value": value}
        for guess in guesses
        for label, value in zip(guess.classes, guess.probabilities, strict=True)
    ]
    of_pictures = pd.DataFrame(rows).assign(run=run.label, seed=run.seeds[0], what="probability")
    joined = pd.concat([curves, of_pictures], ignore_index=True)
    names = ["run", "seed", "what", "epoch", "test picture", "right class", "class", "value"]
    return joined[names].astype({"epoch": "Int64", "test picture": "Int64"})


def _draw(
    context: ArtefactContext, guesses: Sequence[Guess], shown: Sequence[NDArray[np.uint8]], classes: Sequence[str]
) -> Figure:
    """Return the curves above rows of two pictures, each beside its bars."""
    rows = -(-len(guesses) // 2)
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.5 + 1.2 * rows))
        parts: Any = figure.subfigures(2, 1, height_ratios=(2.5, 1.2 * rows))  # an array, whatever its hint says
        above, below = parts
        for axes, quantity in zip(above.subplots(1, 2), ("loss", "accuracy"), strict=True):
            _draw_curves(axes, context, quantity)
        above.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=2, fontsize=7.5)
        grid = below.subplots(rows, 4, squeeze=False, width_ratios=(1, 1.15, 1, 1.15)).reshape(-1, 2)
        for cells in grid:
            for axes in cells:
                axes.set_axis_off()
        for (left, right), guess, pixels in zip(grid, guesses, shown, strict=False):
            draw_picture(left, pixels, times=1)
            left.set_axis_on()
            left.set_title(classes[guess.truth], fontsize=7.5)
            right.set_axis_on()
            _draw_bars(right, guess, classes)
    return figure


def _draw_curves(axes: Axes, context: ArtefactContext, quantity: str) -> None:
    """Draw a quantity of training and validation: a colour for each run, a line style for each split."""
    for position, run in enumerate(context.settings.runs):
        for style, split in enumerate(SPLITS):
            by_seed = context.over_epochs(run, f"{split}_{quantity}")
            epochs, colour = np.arange(1, by_seed.shape[1] + 1), COLOURS[position]
            label = f"{run.label}: {'training' if split == 'train' else split}"
            axes.plot(epochs, by_seed.mean(axis=0), color=colour, linestyle=LINES[style], label=label)
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss (nats)" if quantity == "loss" else quantity)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if quantity == "accuracy":
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))


def _draw_bars(axes: Axes, guess: Guess, classes: Sequence[str]) -> None:
    """Draw the probabilities of the classes, the right one in green and a wrong first one in red."""
    places = np.arange(len(guess.classes))
    colours = [
        RIGHT if label == guess.truth else WRONG if place == 0 else OTHER for place, label in enumerate(guess.classes)
    ]
    axes.barh(places, guess.probabilities, color=colours, height=0.75, linewidth=0)
    for place, (label, value) in enumerate(zip(guess.classes, guess.probabilities, strict=True)):
        axes.text(value + 0.02, place, f"{classes[label]} {100 * value:.0f} %", fontsize=7, va="center", color=INK)
    axes.set_ylim(len(places) - 0.4, -0.6)
    axes.set_xlim(0, 1.7)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(False)
    axes.spines["bottom"].set_visible(False)
