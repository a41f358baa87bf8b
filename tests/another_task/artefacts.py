"""The artefacts of the writeup."""

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.result import Built, Column, Measured, Table


@measures("rmse", "largest_error")
def errors(context: ArtefactContext) -> Built:
    values, rows = [], []
    for run in context.settings.runs:
        units = context.metrics(run.run, run.seeds[0])["units"]
        for metric, unit in units.items():
            found, _ = context.estimate(run.run, metric)
            values.append(Measured(run.run, metric, run.label, found, run.seeds, unit))
            rows.append({"run": run.label, "metric": metric, "value": found.mean, "unit": unit})
    columns = tuple(Column(key, key) for key in ("run", "metric", "value", "unit"))
    data = (tuple(rows[0]), [list(row.values()) for row in rows])
    return Built(caption="Errors.", data=data, values=tuple(values), table=Table(columns, tuple(rows)))
