"""Curves of runs over epochs and seeds, from their histories.

``learning-curve`` shows one column of one run; ``learning-curves`` has a panel for each column, with a line for each
run; ``split-curves`` has a panel for each run and quantity, with lines for training and validation.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import per_epoch
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.quantities import SPLITS, Metric, Quantity
from rework.artefacts.result import Built, Measured
from rework.artefacts.sentences import mean_of_seeds
from rework.drawing.curves import Curve, CurvePanel, curve_panels, curve_plot
from rework.evaluation.running_means import running_means
from rework.evaluation.statistics import Estimate, estimate
from rework.messages import sentence_case
from rework.settings.artefact import RunReference

BOTH = ("train", "validation")


@needs(runs=1, history="{column}")
def learning_curve(context: ArtefactContext, *, column: str, since_start: bool = False) -> Built:
    """Return the curve of one ``column`` of the history of the artefact's first run.

    With ``since_start``, the mean over all updates since the start of the training is beside it, which loops plot that
    never empty their list of losses.
    """
    run, metric = context.settings.runs[0], Metric.of(column)
    by_seed = context.over_epochs(run, column)
    curves, data = [Curve(run.label, by_seed)], per_epoch(by_seed, run.seeds)
    ends = {"first": float(by_seed[:, 0].mean()), "last": float(by_seed[:, -1].mean())}
    words = f"from {metric.quantity.text(ends['first'])} to {metric.quantity.text(ends['last'])}"
    if since_start:
        since = running_means(by_seed, context.over_epochs(run, "steps").astype(np.int64))
        curves = [Curve("of the epoch", by_seed), Curve("since the start", since)]
        data = pd.concat([per_epoch(curve.by_seed, run.seeds).assign(mean=curve.label) for curve in curves])
        ends["last_since_start"] = float(since[:, -1].mean())
        words += f", and the mean over all updates since the start to {metric.quantity.text(ends['last_since_start'])}"
    return Built(
        caption=f"{sentence_case(metric.words)} over {run.epochs} epochs; {_means([run])}. It goes {words}.",
        alt=f"Line plot of the {metric.words} over {run.epochs} epochs, {words}",
        data=data,
        figure=curve_plot(curves, metric.axis, metric.quantity.percent),
        facts={**ends, "best_epoch": _best(by_seed, metric.quantity) + 1},
    )


@needs(runs=(1, ...), history="{columns}")
def learning_curves(context: ArtefactContext, *, columns: tuple[str, ...]) -> Built:
    """Return one panel for each of the given ``columns`` of the histories, with the curves of all runs."""
    runs = context.settings.runs
    panels: list[CurvePanel] = []
    best: dict[str, int] = {}
    for metric in map(Metric.of, columns):
        curves = [Curve(run.label, context.over_epochs(run, metric.name)) for run in runs]
        panels.append(CurvePanel(tuple(curves), metric.axis, metric.quantity.percent))
        for run, curve in zip(runs, curves, strict=True):
            best[f"{run.run} {metric.name}"] = _best(curve.by_seed, metric.quantity) + 1
    names = " and ".join(Metric.of(column).words for column in columns)
    labels = ", ".join(run.label for run in runs)
    return Built(
        caption=f"{sentence_case(names)} over epochs of {labels}; {_means(runs)}.",
        alt=f"Line plots of {names} over epochs, one line for each of {labels}",
        data=_long_form(context.histories(*runs), columns),
        figure=curve_panels(panels),
        facts={"best_epoch": best},
    )


@measures("{metrics}")
@needs(runs=(1, ...), history=("train_{quantities}", "validation_{quantities}"))
def split_curves(
    context: ArtefactContext,
    *,
    quantities: tuple[str, ...] = ("loss", "accuracy"),
    metrics: tuple[str, ...] = (),
    whole_batches: bool = False,
) -> Built:
    """Return one panel for each run and quantity, with a line for training and one for validation.

    Args:
        context: the artefact.
        quantities: what to show, by the histories' column names without ``train_`` and ``validation_``.
        metrics: what to measure for each run: a metric on the training split is taken from the last epoch, as measured
            during training (which is what a writeup prints); any other is the run's own metric.
        whole_batches: whether shares of the training split are counted as loops do that divide by batches times batch
            size: a last batch that is not full then counts as full, and 100 % cannot be reached.
    """
    runs = context.settings.runs
    panels: list[CurvePanel] = []
    facts: dict[str, Any] = {}
    for run in runs:
        for name in quantities:
            quantity = Metric.of(name).quantity
            curves = {split: Curve(SPLITS[split], context.over_epochs(run, f"{split}_{name}")) for split in BOTH}
            title = run.label if len(runs) > 1 else ""
            panels.append(CurvePanel(tuple(curves.values()), quantity.axis, quantity.percent, title))
            facts[f"{run.run} {name}"] = _last_and_best(curves["validation"].by_seed, quantity)
    names = " and ".join(Metric.of(name).quantity.words for name in quantities)
    labels = ", ".join(run.label for run in runs)
    columns = [f"{split}_{name}" for name in quantities for split in BOTH]
    measured = [_measured(context, run, Metric.of(metric), whole_batches) for run in runs for metric in metrics]
    counted = (
        " The training accuracies below are counted as the writeup does, unlike the curves: right answers divided by "
        "batches times batch size."
        if whole_batches
        else ""
    )
    return Built(
        caption=(
            f"{sentence_case(names)} over epochs of {labels}: training as it was met on the way, validation at the end "
            f"of each epoch; {_means(runs)}.{counted}"
        ),
        alt=f"Line plots of {names} over epochs for training and validation of {labels}",
        data=pd.concat([_long_form(context.histories(run), columns) for run in runs]),
        values=tuple(measured),
        figure=curve_panels(panels, columns=len(quantities)),
        facts={f"{value.key} {value.metric}": value.estimate.mean for value in measured} | facts,
    )


def last_epoch(context: ArtefactContext, run: RunReference, column: str) -> Estimate:
    """Return a column's value in the last epoch over the seeds, with its interval."""
    values = [float(value) for value in context.over_epochs(run, column)[:, -1]]
    return estimate(values, share=Metric.of(column).quantity.proportion)


def last_epoch_words(metric: Metric) -> str:
    """Return the name of a metric, which mentions the last epoch for the training split."""
    return f"{metric.words} of the last epoch" if metric.split == "train" else metric.words


def _measured(context: ArtefactContext, run: RunReference, metric: Metric, whole_batches: bool) -> Measured:
    name = metric.name
    found = last_epoch(context, run, name) if metric.split == "train" else context.estimate(run.run, name)
    if whole_batches and metric.split == "train" and metric.quantity.proportion:
        found = estimate([value * _filled(context, run, name) for value in found.values], share=True)
    label = f"{run.label}, {last_epoch_words(metric)}"
    return Measured(run.run, name, label, found, run.seeds, metric.quantity.unit)


def _filled(context: ArtefactContext, run: RunReference, metric: str) -> float:
    """Return how full the batches of an epoch are: examples over batches times batch size."""
    examples = context.count(run.run, metric)
    size = int(context.provenance(run.run, run.seeds[0])["settings"]["batch_size"])
    return examples / (-(-examples // size) * size)


def _long_form(histories: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the given columns of histories with a row for each value."""
    values = histories.melt(["run", "seed", "epoch"], list(columns), "column", "value")
    return values[["run", "column", "seed", "epoch", "value"]]


def _last_and_best(by_seed: NDArray[np.float64], quantity: Quantity) -> dict[str, float]:
    """Return the mean over seeds of the last and of the best value, and the epoch of the best."""
    mean, best = by_seed.mean(axis=0), _best(by_seed, quantity)
    return {"last": float(mean[-1]), "best": float(mean[best]), "best_epoch": best + 1}


def _best(by_seed: NDArray[np.float64], quantity: Quantity) -> int:
    """Return the index of the epoch whose mean over the seeds is best."""
    mean = by_seed.mean(axis=0)
    return int(mean.argmin() if quantity.better == "lower" else mean.argmax())


def _means(runs: Sequence[RunReference]) -> str:
    text = mean_of_seeds(runs)
    return text if text == "one seed" else f"{text}, band from the smallest to the greatest"
