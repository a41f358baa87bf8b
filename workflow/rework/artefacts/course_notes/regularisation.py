"""What L1 and L2 do to the weights and to the error of a single unit on the admissions (1.4)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.course_notes.admission_inputs import ranks_apart
from rework.artefacts.course_notes.penalised import PENALTIES, fit_units, losses_of
from rework.artefacts.frames import elements
from rework.artefacts.needs import needs
from rework.artefacts.quantities import SPLITS
from rework.artefacts.result import Built, Column, Table
from rework.drawing.style import COLOURS, FULL_WIDTH, GRID, LINES, plot_style
from rework.evaluation.statistics import estimate
from rework.settings.ranges import Count, Positive, TwoOrMore, Whole

Floats = NDArray[np.float64]
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Splits:
    """Inputs (splits, N, features) and labels (splits, N) of each part of several random splits."""

    inputs: dict[str, Floats]
    labels: dict[str, Floats]

    def with_inputs(self, count: int) -> "Splits":
        """Return the splits with the first ``count`` inputs only."""
        return Splits({part: values[..., :count] for part, values in self.inputs.items()}, self.labels)


@dataclass(frozen=True)
class Fit:
    """By penalty: units (splits, strengths, inputs + 1), and losses (splits, strengths) of each part."""

    units: dict[str, Floats]
    losses: dict[str, dict[str, Floats]]


@needs(datasets="admissions")
def regularisation(
    context: ArtefactContext,
    *,
    splits: TwoOrMore,
    held_out: Count,
    noise: tuple[Whole, ...],
    weakest: Positive,
    strongest: Positive,
    strengths: TwoOrMore,
) -> Built:
    """Fit a unit with L1 and with L2 of many strengths, to the admissions with inputs of pure noise added.

    Args:
        context: the artefact.
        splits: how many random splits.
        held_out: students for validation, and as many for the test, in each.
        noise: how many inputs of noise are added, which can only mislead; the last number is drawn.
        weakest: the least strength λ.
        strongest: the greatest.
        strengths: how many there are between the two, in equal ratios.
    """
    students, generator = context.table(context.settings.datasets[0]), context.random_numbers()
    own = ranks_apart(students)
    drawn = generator.standard_normal((len(students), max(noise)))
    everything = np.column_stack([own.to_numpy(), drawn])
    parts = random_splits(everything, students["admit"].to_numpy(), splits, held_out, generator)
    values = np.geomspace(weakest, strongest, strengths)
    fits = {count: _fit(parts.with_inputs(own.shape[1] + count), values) for count in noise}
    rows = [row for count, fit in fits.items() for row in _rows(fit, count)]
    shown = fits[noise[-1]]
    names = [*own.columns, *(f"noise {number}" for number in range(1, noise[-1] + 1))]
    return Built(
        caption=(
            f"A unit on {len(students)} students with {own.shape[1]} inputs and {noise[-1]} of noise, all scaled to a "
            f"standard deviation of 1: weights by the strength of the penalty in the first of {splits} random splits "
            "(noise in grey), and cross-entropy, mean over the splits. In the table, which also has other numbers of "
            f"inputs of noise, the strength is chosen on {held_out} students of each split and the test is on "
            f"{held_out} others; means over the splits, which share most of their students. Almost none: L1 of the "
            f"strength {weakest:g}."
        ),
        alt=(
            "Three plots over the strength of the penalty: weights under L1, which become zero one by one; weights "
            "under L2, which shrink together; training and test cross-entropy under both"
        ),
        data=elements(
            np.stack([units[0, :, :-1] for units in shown.units.values()]),
            "weight",
            {"penalty": PENALTIES, "strength": values.tolist(), "input": names},
        ).merge(_loss_frame(shown, values), on=["penalty", "strength"]),
        table=Table.of(
            pd.DataFrame(rows),
            Column("noise", "inputs of noise", "right"),
            Column("penalty", "penalty"),
            Column("zeros", "weights of 0", "right", decimals=1),
            Column("zero_noise", "of them noise", "right", decimals=1),
            Column("sum", "sum of their sizes", "right", decimals=2),
            Column("train", "training loss, nats", "right", decimals=3),
            Column("test", "test loss, nats", "right", decimals=3),
            Column("saved", "test loss saved, 90 % interval over splits", "right"),
        ),
        figure=_figure(shown, values, tuple(own.columns)),
        facts={"noise": list(noise), "rows": rows},
    )


def _fit(parts: Splits, strengths: Floats) -> Fit:
    units = {name: fit_units(parts.inputs["train"], parts.labels["train"], strengths, name) for name in PENALTIES}
    losses = {
        name: {part: losses_of(found, parts.inputs[part], parts.labels[part]) for part in PARTS}
        for name, found in units.items()
    }
    return Fit(units, losses)


def random_splits(inputs: Floats, labels: Floats, count: int, held_out: int, generator: np.random.Generator) -> Splits:
    """Return random splits of points (N, features), scaled by the mean and the deviation of each training part."""
    orders = np.stack([generator.permutation(len(labels)) for _ in range(count)])
    places = {
        "train": orders[:, 2 * held_out :],
        "validation": orders[:, :held_out],
        "test": orders[:, held_out : 2 * held_out],
    }
    train = inputs[places["train"]]
    mean, deviation = train.mean(axis=1, keepdims=True), train.std(axis=1, keepdims=True)
    scaled = {part: (inputs[rows] - mean) / deviation for part, rows in places.items()}
    return Splits(scaled, {part: labels[rows] for part, rows in places.items()})


def _rows(fit: Fit, noise: int) -> list[dict[str, Any]]:
    """Return the rows of the table for one number of inputs of noise: the weakest L1, then each penalty as chosen."""
    first = next(iter(PENALTIES))
    weak = np.zeros(len(fit.units[first]), dtype=np.int64)
    chosen = {name: found["validation"].argmin(axis=1) for name, found in fit.losses.items()}
    almost = {**_row(fit, first, weak, noise), "penalty": "almost none", "saved": "–"}
    return [almost, *(_row(fit, name, places, noise) for name, places in chosen.items())]


def _row(fit: Fit, name: str, chosen: NDArray[np.int64], noise: int) -> dict[str, Any]:
    """Return a row of the table: means over the splits, each with the strength that was chosen for it."""
    rows = np.arange(len(chosen))
    weights, losses = fit.units[name][rows, chosen, :-1], fit.losses[name]
    zero = weights == 0
    test = losses["test"][rows, chosen]
    saved = estimate((losses["test"][:, 0] - test).tolist())
    return {
        "noise": noise,
        "penalty": name,
        "zeros": float(zero.sum(axis=1).mean()),
        "zero_noise": float(zero[:, weights.shape[1] - noise :].sum(axis=1).mean()),
        "sum": float(np.abs(weights).sum(axis=1).mean()),
        "train": float(losses["train"][rows, chosen].mean()),
        "test": float(test.mean()),
        "saved": f"{saved.low:.3f} to {saved.high:.3f}".replace("-", "−"),
        "low": saved.low,
        "high": saved.high,
    }


def _loss_frame(fit: Fit, strengths: Floats) -> pd.DataFrame:
    """Return the mean losses by penalty and strength."""
    parts = [
        pd.DataFrame({f"mean {part} loss": loss.mean(axis=0) for part, loss in found.items()}).assign(
            penalty=name, strength=strengths
        )
        for name, found in fit.losses.items()
    ]
    return pd.concat(parts)


def _figure(fit: Fit, strengths: Floats, names: tuple[str, ...]) -> Figure:
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.9))
        panels = figure.subplots(1, 3)
        for axes, (name, units) in zip(panels, fit.units.items(), strict=False):
            _draw_weights(axes, units[0, :, :-1], strengths, len(names))
            axes.set_title(name)
        panels[1].sharey(panels[0])
        panels[0].set_ylabel("weight")
        for position, (name, found) in enumerate(fit.losses.items()):
            for line, part in enumerate(("train", "test")):
                style = {"color": COLOURS[position], "linestyle": LINES[line]}
                panels[2].plot(strengths, found[part].mean(axis=0), label=f"{name}, {SPLITS[part]}", **style)
        panels[2].set_ylabel("cross-entropy (nats)")
        panels[2].legend(fontsize=7)
        for axes in panels:
            axes.set_xscale("log")
            axes.set_xlabel("strength λ")
        figure.legend(
            panels[0].get_lines()[-len(names) :], names, loc="outside upper left", ncols=len(names), fontsize=7
        )
    return figure


def _draw_weights(axes: Axes, weights: Floats, strengths: Floats, own: int) -> None:
    """Draw the weights (strengths, inputs) of one split; those after the first ``own`` are of noise."""
    if weights.shape[1] > own:
        axes.plot(strengths, weights[:, own:], color=GRID, linewidth=0.9)
    for position, column in enumerate(weights[:, :own].T):
        axes.plot(strengths, column, color=COLOURS[position % len(COLOURS)], linestyle=LINES[position % len(LINES)])
