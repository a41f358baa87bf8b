"""Tables of metrics: each run of an artefact over its seeds, beside the published values."""

from typing import Any

import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.quantities import Metric
from rework.artefacts.result import Built, Measured
from rework.artefacts.sentences import basis, lengths


@measures("{metrics}")
@needs(runs=(1, ...), metrics="{metrics}")
def accuracy_table(
    context: ArtefactContext,
    *,
    title: str,
    examples: str = "test images",
    metrics: tuple[str, ...] = ("test_accuracy",),
) -> Built:
    """Measure accuracies, or other metrics, of each run; the report shows them beside the published ones.

    Args:
        context: the artefact.
        title: the start of the caption, as in "Test accuracy by dropout".
        examples: what the test set consists of.
        metrics: what to measure, the main one first.
    """
    shown = [Metric.of(name) for name in metrics]
    main, runs = shown[0], context.settings.runs
    columns = ["run", "metric", "reproduced", "low", "high", "interval", "validation", "seeds"]
    values: list[Measured] = []
    rows: list[tuple[Any, ...]] = []
    for run in runs:
        for metric in shown:
            found = context.estimate(run.run, metric.name)
            label = run.label + metric.beside(main)
            values.append(Measured(run.run, metric.name, label, found, run.seeds, metric.quantity.unit))
            measured = (found.mean, found.low, found.high, found.interval, _validation(context, run.run, metric))
            rows.append((run.label, metric.name, *measured, len(run.seeds)))
    means = [value.estimate.mean for value in values if value.metric == main.name]
    best = max(means) if main.quantity.better == "higher" else min(means)
    size = context.count(runs[-1].run, main.name)
    groups = "".join(
        f" that form {context.count(runs[-1].run, metric.name)} {metric.quantity.counted}"
        for metric in shown[1:]
        if metric.quantity.counted
    )
    return Built(
        caption=(
            f"{title} after {lengths(runs)}, on {size} {examples}{groups}: as published and in this build. "
            f"{basis(values)}"
        ),
        data=pd.DataFrame(rows, columns=columns),
        values=tuple(values),
        facts={
            "best": runs[means.index(best)].label,
            "spread": max(means) - min(means),
            "test_size": size,
            "means": {f"{value.key} {value.metric}": value.estimate.mean for value in values},
        },
    )


def _validation(context: ArtefactContext, run: str, metric: Metric) -> float | None:
    """Return the validation counterpart of a test metric, or None if it was not measured."""
    name = metric.name.replace("test_", "validation_")
    return context.estimate(run, name).mean if context.has(run, name) else None
