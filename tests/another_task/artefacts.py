"""The artefacts of the writeup."""

import pandas as pd
from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table


@measures("rmse", "largest_error")
@needs(runs=(1, ...), trained="regression")
def errors(context: ArtefactContext) -> Built:
    values, rows = [], []
    for run in context.settings.runs:
        units = context.metrics(run.run, run.seeds[0])["units"]
        for metric, unit in units.items():
            found = context.estimate(run.run, metric)
            values.append(Measured(run.run, metric, run.label, found, run.seeds, unit))
            rows.append({"run": run.label, "metric": metric, "value": found.mean, "unit": unit})
    data = pd.DataFrame(rows)
    table = Table.of(data, *(Column(key, key) for key in data))
    return Built(caption="Errors.", data=data, values=tuple(values), table=table)
