"""Comparing what an artefact measured with what was published and claimed, according to the configuration.

An artefact's description has no verdicts: a changed tolerance or claim renders the report again and nothing else. Means
and intervals are computed here from the stored value of each seed, so that what is printed is what is judged.
"""

from collections.abc import Mapping
from typing import Any

from rework.errors import ReportError
from rework.evaluation.claims import MeasuredRun, check_claim
from rework.evaluation.possible_shares import possible_count
from rework.evaluation.statistics import estimate
from rework.evaluation.units import SHARE
from rework.evaluation.verdicts import judge, power
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
    comparable = sidecar["comparable"] and not settings.invented
    return [
        _compared(settings, value, published.get((value["key"], value["metric"])), comparable)
        for value in sidecar["values"]
    ]


def _compared(
    settings: ArtefactSettings, value: Mapping[str, Any], published: PublishedValue | None, comparable: bool
) -> dict[str, Any]:
    stored = value["reproduced"]
    unit = value["unit"] if published is None else published.unit
    found = estimate(stored["values"], share=unit == "%", exact=stored["interval"] == "exact")
    shared = {
        "key": value["key"],
        "metric": value["metric"],
        "subject": subject(settings, value["key"]),
        "unit": unit,
        "reproduced": {**plain(found), "seeds": stored["seeds"]},
    }
    if published is None:
        return {**shared, **_UNPUBLISHED, "label": value["label"]}
    return {
        **shared,
        **declared(published),
        "label": published.label or value["label"],
        "verdict": judge(published, found, comparable and not published.incomparable),
        "power": plain(power(published, found)),
    }


_UNPUBLISHED = {
    **dict.fromkeys(("published", "tolerance", "because", "source", "split", "divisor", "verdict", "power", "log")),
    "relation": "=",
    "remarks": (),
}


def declared(published: PublishedValue) -> dict[str, Any]:
    """Return what the configuration says about a published value, with what that implies."""
    return {
        "published": published.value,
        "tolerance": published.tolerance,
        "because": published.because,
        "relation": published.relation,
        "source": published.source,
        "split": published.split,
        "divisor": published.divisor,
        "remarks": _remarks(published),
        "log": published.log or None,
    }


def _remarks(published: PublishedValue) -> list[str]:
    """Return what a reader must know about a published value before comparing it."""
    remarks = [published.incomparable] if published.incomparable else []
    divisor = published.divisor if published.relation == "=" else None
    if divisor is not None and possible_count(published.value, divisor) is None:
        remarks.append(f"No k of {divisor:,} gives {_percent(published.value)}.".replace(",", "\u202f"))
    return remarks


def _percent(share: float) -> str:
    """Return a share in per cent with all its decimals."""
    return f"{100 * share:.10f}".rstrip("0").rstrip(".") + "\u202f%"


def subject(settings: ArtefactSettings, key: str) -> str:
    """Return what a value is about: a run of the writeup, or a key of the artefact.

    A metric of one subject is one value, however many artefacts show it.
    """
    owner = settings.writeup if key in {run.run for run in settings.runs} else settings.id
    return f"{owner}/{key}"


def checked_claims(settings: ArtefactSettings, sidecar: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every claim of an artefact with its result and the numbers behind it.

    Raises:
        ReportError: a claim is about a metric of a run that the artefact did not collect.
    """
    labels = {run.run: run.label for run in settings.runs}
    runs: dict[str, dict[str, MeasuredRun]] = {}
    for item in sidecar.get("metrics", ()):
        label = labels.get(item["run"], item["run"])
        found = MeasuredRun(label, tuple(item["values"]), item.get("unit", SHARE))
        runs.setdefault(item["metric"], {})[item["run"]] = found
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
    return (
        settings.comparable
        and not settings.invented
        and all(data["comparable"] for data in sidecar["data"] if data["name"] in used)
    )
