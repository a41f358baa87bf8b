"""Every metric of the artefact's runs, against which the report checks a writeup's claims when it is built."""

from typing import Any

import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.result import Built, RunMetric


def claims(context: ArtefactContext) -> Built:
    """Collect the metrics of each run over its seeds; further claims about these runs need no new collection."""
    found: list[RunMetric] = []
    rows: list[dict[str, Any]] = []
    for run in context.settings.runs:
        for metric in context.metrics(run.run, run.seeds[0])["metrics"]:
            measured, size = context.estimate(run.run, metric)
            found.append(RunMetric(run.run, metric, measured.values, size))
            rows.append(
                {"run": run.run, "metric": metric, "seed": run.seeds, "value": measured.values, "test_size": size}
            )
    return Built(
        caption="Every metric of the runs that the writeup's claims are about.",
        data=pd.DataFrame(rows).astype({"test_size": "Int64"}).explode(["seed", "value"]),
        metrics=tuple(found),
    )
