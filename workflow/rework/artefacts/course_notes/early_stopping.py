"""Where early stopping stops a network that overfits, and what it saves on the test set (1.4)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.quantities import Metric
from rework.artefacts.result import Built, Measured
from rework.artefacts.sentences import mean_of_seeds
from rework.drawing.curves import Curve, draw_curve
from rework.drawing.style import INK, TEXT_WIDTH, plot_style
from rework.settings.artefact import RunReference
from rework.settings.ranges import Count

METRICS = ("test_loss", "test_accuracy")


@measures("test_loss", "test_accuracy")
@needs(runs=2, trained="classification", last={"keys": "keep"}, same_data=True)
def early_stopping(context: ArtefactContext, *, patience: Count) -> Built:
    """Return the losses of the first run over epochs, and the test losses of it and of one that is stopped early.

    Args:
        context: the artefact; its second run is the same with the weights of the epoch of the least validation loss.
        patience: for how many epochs in a row the validation loss may stay above its least before training stops.
    """
    whole, stopped = context.settings.runs
    curves = {
        words: Curve(words, context.over_epochs(whole, f"{split}_loss"))
        for split, words in (("train", "training"), ("validation", "validation"))
    }
    validation = curves["validation"].by_seed
    best = validation.argmin(axis=1) + 1
    stops = [stopping_epoch(losses, patience) for losses in validation]
    values = [_measured(context, run, metric) for run in (whole, stopped) for metric in map(Metric.of, METRICS)]
    found = {f"{value.key} {value.metric}": value.estimate.mean for value in values}
    return Built(
        caption=(
            f"Training and validation loss over {whole.epochs} epochs; {mean_of_seeds([whole])}. The "
            f"validation loss is least after epoch {_listed(best)} (by seed), and a training that stops once it has "
            f"not fallen below its least for {patience} epochs ends after epoch {_listed(stops)} (dotted: the mean "
            f"epoch of the least). Below, on the test set, which had no part in the choice: this training, and another "
            "with the weights of its epoch with the least validation loss."
        ),
        alt="Line plots of training and validation loss over epochs with a dotted line where the latter is least",
        data=_frame(curves, whole.seeds),
        values=tuple(values),
        figure=_figure(list(curves.values()), float(best.mean())),
        facts={
            "best": best.tolist(),
            "stops": stops,
            "mean_best": float(best.mean()),
            "kept": (context.over_epochs(stopped, "validation_loss").argmin(axis=1) + 1).tolist(),
            "least": float(validation.min(axis=1).mean()),
            "last": float(validation[:, -1].mean()),
            "last_train": float(curves["training"].by_seed[:, -1].mean()),
            "saved_loss": found[f"{whole.run} test_loss"] - found[f"{stopped.run} test_loss"],
            "gained_accuracy": found[f"{stopped.run} test_accuracy"] - found[f"{whole.run} test_accuracy"],
        },
    )


def _measured(context: ArtefactContext, run: RunReference, metric: Metric) -> Measured:
    label, found = f"{run.label}, {metric.words}", context.estimate(run.run, metric.name)
    return Measured(run.run, metric.name, label, found, run.seeds, metric.quantity.unit)


def stopping_epoch(losses: NDArray[np.float64], patience: int) -> int:
    """Return the epoch, from 1, after which a training stops: the loss was not below its least for ``patience`` epochs.

    A training that never waited so long stops after the last.

    >>> stopping_epoch(np.array([3.0, 2.0, 2.5, 2.2, 1.0]), patience=2), stopping_epoch(np.array([3.0, 2.0]), 2)
    (4, 2)
    """
    least, since = np.inf, 0
    for epoch, loss in enumerate(losses.tolist(), start=1):
        since = 0 if loss < least else since + 1
        least = min(least, loss)
        if since == patience:
            return epoch
    return len(losses)


def _listed(epochs: Any) -> str:
    return ", ".join(map(str, epochs))


def _frame(curves: dict[str, Curve], seeds: tuple[int, ...]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"loss": words, "seed": seed, "epoch": range(1, len(losses) + 1), "value": losses})
        for words, curve in curves.items()
        for seed, losses in zip(seeds, curve.by_seed, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


def _figure(curves: list[Curve], best: float) -> Figure:
    with plot_style():
        figure = Figure(figsize=(TEXT_WIDTH, 2.8))
        axes = figure.subplots()
        for position, curve in enumerate(curves):
            draw_curve(axes, curve, position, named=True)
        axes.axvline(best, color=INK, linestyle=":", linewidth=1.2)
        axes.margins(x=0.02)
        axes.set_xlabel("epoch")
        axes.set_ylabel("loss (nats)")
    return figure
