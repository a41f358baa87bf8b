"""Learning curves of runs, over epochs and seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rework.artefacts.context import ArtefactContext
from rework.artefacts.result import Built
from rework.drawing.plots import Curve, CurvePanel, curve_panels, learning_curves, stacked
from rework.settings.artefact import RunReference


@dataclass(frozen=True)
class HistoryColumn:
    """A column of ``history.csv``: its name there, its label with the unit, and whether it is a fraction."""

    name: str
    label: str
    percent: bool = False

    @property
    def plain_label(self) -> str:
        """The label without its unit."""
        return self.label.partition(" (")[0]

    def text(self, value: float) -> str:
        """Return a value as text."""
        return f"{100 * value:.2f} %" if self.percent else f"{value:.3f}"


TRAIN_LOSS = HistoryColumn("train_loss", "training loss (nats)")
VALIDATION_ACCURACY = HistoryColumn("validation_accuracy", "validation accuracy", percent=True)


def history_figure(context: ArtefactContext, column: HistoryColumn) -> Built:
    """Return the curve of the artefact's first run over epochs."""
    run = context.settings.runs[0]
    by_seed = _by_seed(context, run, column)
    first, last = by_seed[:, 0].mean(), by_seed[:, -1].mean()
    shown = [column.text(value) for value in (first, last)]
    return Built(
        caption=(
            f"{column.plain_label.capitalize()} over {run.epochs} epochs; {_seeds_text([run])}. It goes from "
            f"{shown[0]} to {shown[1]}."
        ),
        alt=f"Line plot of the {column.plain_label} over {run.epochs} epochs, from {shown[0]} to {shown[1]}",
        data=(
            ("epoch", *(f"seed{seed}" for seed in run.seeds)),
            [[epoch + 1, *map(float, by_seed[:, epoch])] for epoch in range(by_seed.shape[1])],
        ),
        figure=learning_curves([Curve(run.label, by_seed)], column.label, column.percent),
        facts={"first": float(first), "last": float(last), "best_epoch": _best_epoch(by_seed.mean(0), column)},
    )


def history_panels(context: ArtefactContext, columns: Sequence[HistoryColumn]) -> Built:
    """Return one panel per column with the curves of all runs of the artefact."""
    runs = context.settings.runs
    panels: list[CurvePanel] = []
    rows: list[list[Any]] = []
    best: dict[str, int] = {}
    for column in columns:
        curves = [Curve(run.label, _by_seed(context, run, column)) for run in runs]
        panels.append(CurvePanel(tuple(curves), column.label, column.percent))
        for run, curve in zip(runs, curves, strict=True):
            best[f"{run.run} {column.name}"] = _best_epoch(curve.by_seed.mean(0), column)
            rows += [
                [run.label, column.name, seed, epoch + 1, float(value)]
                for seed, values in zip(run.seeds, curve.by_seed, strict=True)
                for epoch, value in enumerate(values)
            ]
    names = " and ".join(column.plain_label for column in columns)
    return Built(
        caption=f"{names.capitalize()} over epochs of {', '.join(run.label for run in runs)}; {_seeds_text(runs)}.",
        alt=f"Line plots of {names} over epochs, one line for each of {', '.join(run.label for run in runs)}",
        data=(("run", "column", "seed", "epoch", "value"), rows),
        figure=curve_panels(panels),
        facts={"best_epoch": best},
    )


def _by_seed(context: ArtefactContext, run: RunReference, column: HistoryColumn) -> NDArray[np.float64]:
    return stacked([context.history(run.run, seed) for seed in run.seeds], column.name)


def _seeds_text(runs: Sequence[RunReference]) -> str:
    counts = sorted({len(run.seeds) for run in runs})
    if counts == [1]:
        return "one seed"
    return f"mean of {' or '.join(map(str, counts))} seeds, band from the smallest to the greatest"


def _best_epoch(values: NDArray[np.float64], column: HistoryColumn) -> int:
    return int(values.argmin() if "loss" in column.name else values.argmax()) + 1
