"""Every metric of the artefact's runs, against which the report checks a writeup's claims when it is built."""

from typing import Any

import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, RunMetric
from rework.evaluation.from_histories import LAST_CHANGE, derived, derived_names
from rework.evaluation.units import DIFFERENCE, SHARE
from rework.settings.artefact import RunReference


@needs(runs=(1, ...))
def claims(context: ArtefactContext) -> Built:
    """Collect the metrics of each run over its seeds; further claims about these runs need no new collection."""
    found: list[RunMetric] = []
    rows: list[dict[str, Any]] = []
    for run in context.settings.runs:
        units = context.units(run.run)
        measured = [RunMetric(run.run, name, context.estimate(run.run, name).values, units[name]) for name in units]
        for metric in (*measured, *_of_histories(context, run, units)):
            found.append(metric)
            if metric.values:
                row = {"run": run.run, "metric": metric.metric, "unit": metric.unit}
                rows.append({**row, "seed": run.seeds, "value": metric.values})
    return Built(
        caption="Every metric of the runs that the writeup's claims are about.",
        data=pd.DataFrame(rows).explode(["seed", "value"]),
        metrics=tuple(found),
    )


def _of_histories(context: ArtefactContext, run: RunReference, units: dict[str, str]) -> list[RunMetric]:
    """Return the metrics that are read off the histories of all seeds, in the unit of their column's metric.

    Where a history is too short for one, or does not hold it, it has no values.
    """
    histories = [context.history(run.run, seed) for seed in run.seeds]
    columns = [column for column in histories[0] if column in units]
    found = []
    for name, column in derived_names(columns).items():
        values = tuple(derived(name, history[column].to_list()) for history in histories)
        known = tuple(value for value in values if value is not None)
        unit = DIFFERENCE if units[column] == SHARE and name.startswith(LAST_CHANGE) else units[column]
        found.append(RunMetric(run.run, name, known if len(known) == len(values) else (), unit))
    return found
