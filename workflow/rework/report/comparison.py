"""Comparing what an artefact measured with what was published and claimed, according to the configuration.

An artefact's description has no verdicts: a changed tolerance or claim renders the report again and nothing else.
"""

from collections.abc import Mapping
from typing import Any

from rework.errors import ReportError
from rework.evaluation.claims import MeasuredRun, check_claim
from rework.evaluation.statistics import Estimate, estimate
from rework.evaluation.verdicts import judge
from rework.settings.artefact import ArtefactSettings, Claim, PublishedValue
from rework.settings.plain import plain


def compared_values(settings: ArtefactSettings, sidecar: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every measured value of an artefact, with the published value and the verdict if there is one.

    Raises:
        ReportError: a value was published that the artefact does not measure.
    """
    published = {(value.key, value.metric): value for value in settings.published}
    measured = {(value["key"], value["metric"]) for value in sidecar["values"]}
    for key, metric in published:
        if (key, metric) not in measured:
            raise ReportError(f"{settings.id}: a published {metric} of {key!r} is listed, but nothing measures it")
    comparable = sidecar["comparable"]
    return [_compared(value, published.get((value["key"], value["metric"])), comparable) for value in sidecar["values"]]


def _compared(value: Mapping[str, Any], published: PublishedValue | None, comparable: bool) -> dict[str, Any]:
    found = value["reproduced"]
    shared = {"key": value["key"], "metric": value["metric"], "reproduced": found}
    if published is None:
        unknown = dict.fromkeys(("published", "tolerance", "test_size", "verdict"))
        return {**shared, **unknown, "label": value["label"], "unit": value["unit"], "relation": "="}
    measured = Estimate(tuple(found["values"]), found["mean"], found["low"], found["high"], found["interval"])
    return {
        **shared,
        "label": published.label or value["label"],
        "unit": published.unit,
        "published": published.value,
        "tolerance": published.tolerance,
        "relation": published.relation,
        "test_size": published.test_size,
        "verdict": judge(published, measured, comparable),
    }


def checked_claims(settings: ArtefactSettings, sidecar: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every claim of an artefact with its result and the numbers behind it.

    Raises:
        ReportError: a claim is about a metric of a run that the artefact did not collect.
    """
    labels = {run.run: run.label for run in settings.runs}
    runs: dict[str, dict[str, MeasuredRun]] = {}
    for item in sidecar.get("metrics", ()):
        found = estimate(item["values"], item["test_size"])
        label = labels.get(item["run"], item["run"])
        runs.setdefault(item["metric"], {})[item["run"]] = MeasuredRun(label, found, item["test_size"])
    checked = []
    for claim in settings.claims:
        measured = runs.get(claim.metric, {})
        missing = {claim.left, *claim.right}.difference(measured) if claim.not_run is None else ()
        if missing:
            raise ReportError(f"{settings.id}: claim {claim.id!r} needs {claim.metric} of {', '.join(sorted(missing))}")
        outcome = check_claim(claim, measured)
        comparable = outcome.result == "not run" or _comparable(settings, claim, sidecar)
        checked.append(
            {**plain(claim), "result": outcome.result if comparable else "not comparable", "why": outcome.why}
        )
    return checked


def _comparable(settings: ArtefactSettings, claim: Claim, sidecar: Mapping[str, Any]) -> bool:
    """Return whether the runs of a claim were trained on the official data and from the official weights."""
    used = [
        name for run in settings.runs if run.run in (claim.left, *claim.right) for name in (run.dataset, run.initial)
    ]
    return settings.comparable and all(data["comparable"] for data in sidecar["data"] if data["name"] in used)
