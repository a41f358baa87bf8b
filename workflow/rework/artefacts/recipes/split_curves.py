"""Curves of training and validation in one plot, for runs whose writeup shows both."""

from collections.abc import Sequence
from typing import Any

from rework.artefacts.context import ArtefactContext
from rework.artefacts.result import Built, Measured
from rework.drawing.plots import Curve, CurvePanel, curve_panels, stacked
from rework.evaluation.statistics import Estimate, estimate
from rework.settings.artefact import RunReference

LOSS = ("loss", "loss (nats)", False)
ACCURACY = ("accuracy", "accuracy", True)
_SPLITS = {"train": "training", "validation": "validation"}


def split_curves(
    context: ArtefactContext,
    quantities: Sequence[tuple[str, str, bool]] = (LOSS, ACCURACY),
    metrics: Sequence[str] = (),
    splits: Sequence[str] = ("train", "validation"),
) -> Built:
    """Return one panel for each run and quantity, with a line for each split.

    Args:
        context: the artefact.
        quantities: name, label and whether it is a fraction.
        metrics: what to measure of each run: ``train_accuracy`` is that of the last epoch as it was met, as a writeup
            prints it; any other is the run's own metric.
        splits: which lines to draw.
    """
    runs = context.settings.runs
    panels: list[CurvePanel] = []
    rows: list[list[Any]] = []
    for run in runs:
        histories = [context.history(run.run, seed) for seed in run.seeds]
        for name, label, percent in quantities:
            curves = [Curve(_SPLITS[split], stacked(histories, f"{split}_{name}")) for split in splits]
            title = f"{label}, {run.label}" if len(runs) > 1 else label
            panels.append(CurvePanel(tuple(curves), title, percent))
            rows += [
                [run.label, f"{split}_{name}", seed, epoch + 1, float(value)]
                for split, curve in zip(splits, curves, strict=True)
                for seed, values in zip(run.seeds, curve.by_seed, strict=True)
                for epoch, value in enumerate(values)
            ]
    names = " and ".join(name for name, *_ in quantities)
    measured = [_measured(context, run, metric) for run in runs for metric in metrics]
    return Built(
        caption=(
            f"{names.capitalize()} over epochs of {', '.join(run.label for run in runs)}: training as it was met on "
            f"the way, validation at the end of each epoch; {_seeds(runs)}."
        ),
        alt=f"Line plots of {names} over epochs for training and validation of {', '.join(run.label for run in runs)}",
        data=(("run", "column", "seed", "epoch", "value"), rows),
        values=tuple(measured),
        figure=curve_panels(panels, columns=len(quantities)),
        facts={f"{value.key} {value.metric}": value.estimate.mean for value in measured}
        | {f"{run.run} {name}": _last_and_best(context, run, name) for run in runs for name, *_ in quantities},
    )


def last_epoch(context: ArtefactContext, run: RunReference, column: str) -> Estimate:
    """Return a column of the last epoch over the seeds, with its interval."""
    values = [float(context.history(run.run, seed)[column][-1]) for seed in run.seeds]
    size = None
    if column == "train_accuracy":
        size = int(context.metrics(run.run, run.seeds[0])["metrics"]["train_accuracy"]["n"])
    return estimate(values, size)


METRIC_WORDS = {
    "train_accuracy": "training accuracy of the last epoch",
    "validation_accuracy": "validation accuracy",
    "test_accuracy": "test accuracy",
}


def _measured(context: ArtefactContext, run: RunReference, metric: str) -> Measured:
    found = last_epoch(context, run, metric) if metric == "train_accuracy" else context.estimate(run.run, metric)[0]
    return Measured(run.run, metric, f"{run.label}, {METRIC_WORDS[metric]}", found, run.seeds, "%")


def _last_and_best(context: ArtefactContext, run: RunReference, name: str) -> dict[str, float]:
    """Return the mean over seeds of the last and the best validation value, and the epoch of the best."""
    by_seed = stacked([context.history(run.run, seed) for seed in run.seeds], f"validation_{name}").mean(axis=0)
    best = int(by_seed.argmin() if name == "loss" else by_seed.argmax())
    return {"last": float(by_seed[-1]), "best": float(by_seed[best]), "best_epoch": best + 1}


def _seeds(runs: Sequence[RunReference]) -> str:
    counts = sorted({len(run.seeds) for run in runs})
    if counts == [1]:
        return "one seed"
    return f"mean of {' or '.join(map(str, counts))} seeds, band from the smallest to the greatest"
