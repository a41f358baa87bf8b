"""Tables of test accuracies: each run of an artefact over its seeds, beside what was published."""

from collections.abc import Sequence
from typing import Any

from rework.artefacts.context import ArtefactContext
from rework.artefacts.result import Built, Measured
from rework.settings.artefact import RunReference

INTERVALS = {"t": "t-interval over seeds", "binomial": "binomial interval of the test set", "none": "no interval"}
METRICS = {"test_accuracy": "", "test_word_accuracy": ", whole words", "validation_accuracy": ", validation split"}
"""Metrics of runs and what is added to the label of a run for them."""


def accuracy_table(
    context: ArtefactContext, title: str, examples: str = "test images", metrics: Sequence[str] = ("test_accuracy",)
) -> Built:
    """Measure accuracies of each run; the report sets them beside the published ones.

    Args:
        context: the artefact.
        title: what the caption begins with, as in "Test accuracy by dropout".
        examples: what the test set consists of.
        metrics: which of ``METRICS`` to measure.
    """
    header = ("run", "metric", "reproduced", "low", "high", "interval", "validation", "seeds")
    values: list[Measured] = []
    rows: list[list[Any]] = []
    sizes: dict[str, int | None] = {}
    for run in context.settings.runs:
        for metric in metrics:
            found, sizes[metric] = context.estimate(run.run, metric)
            validation, _ = context.estimate(run.run, metric.replace("test_", "validation_"))
            values.append(Measured(run.run, metric, run.label + METRICS[metric], found, run.seeds, "%"))
            measured = [found.mean, found.low, found.high, found.interval, validation.mean, len(run.seeds)]
            rows.append([run.label, metric, *measured])
    first = [value for value in values if value.metric == metrics[0]]
    means = [value.estimate.mean for value in first]
    words = f" that form {sizes['test_word_accuracy']} words" if "test_word_accuracy" in sizes else ""
    return Built(
        caption=(
            f"{title} after {lengths_text(context.settings.runs)}, on {sizes[metrics[0]]} {examples}{words}: as "
            f"published and in this build. {basis(values)}"
        ),
        data=(header, rows),
        values=tuple(values),
        facts={
            "best": first[means.index(max(means))].label,
            "spread": max(means) - min(means),
            "test_size": sizes[metrics[0]],
            "means": {f"{value.key} {value.metric}": value.estimate.mean for value in values},
        },
    )


def basis(values: Sequence[Measured]) -> str:
    """Return a sentence on which kind of interval stands for which values."""
    kinds = dict.fromkeys(INTERVALS[value.estimate.interval] for value in values)
    if len(kinds) == 1:
        return f"Intervals: {next(iter(kinds))}."
    parts = [
        f"{kind} for {', '.join(value.label for value in values if INTERVALS[value.estimate.interval] == kind)}"
        for kind in kinds
    ]
    return f"Intervals: {'; '.join(parts)}."


def lengths_text(runs: tuple[RunReference, ...]) -> str:
    """Return how long some runs trained, as in "15 epochs" or "15 epochs or 8 000 updates"."""
    return " or ".join(dict.fromkeys(run.length for run in runs))
