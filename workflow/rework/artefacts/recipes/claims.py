"""What the claims of a writeup are checked on, when the report is built: every metric of the artefact's runs."""

from rework.artefacts.context import ArtefactContext
from rework.artefacts.result import Built, RunMetric


def claims(context: ArtefactContext) -> Built:
    """Collect the metrics of each run over its seeds; another claim about these runs needs no other collection."""
    found = []
    for run in context.settings.runs:
        for metric in context.metrics(run.run, run.seeds[0])["metrics"]:
            measured, size = context.estimate(run.run, metric)
            found.append(RunMetric(run.run, metric, measured.values, size))
    seeds = {run.run: run.seeds for run in context.settings.runs}
    rows = [
        [item.run, item.metric, seed, value, item.test_size]
        for item in found
        for seed, value in zip(seeds[item.run], item.values, strict=True)
    ]
    return Built(
        caption="Every metric of the runs that the writeup's claims are about.",
        data=(("run", "metric", "seed", "value", "test_size"), rows),
        metrics=tuple(found),
    )
