"""What is told below a table that ranks networks by one run of each: how much one run of each can say."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from rework.evaluation.one_run import Contestant, OneRun, one_run_each
from rework.report.collect import Report

Told = OneRun | str
"""What one run of each says, or why that is not known."""


def one_runs(report: Report) -> dict[str, Told]:
    """Return by artefact what is told of those that show published shares of test examples of several runs.

    The sample edition has one seed and compares nothing with published values.
    """
    if report.sample:
        return {}
    validation = _validation(report)
    found = {}
    for entry in report.entries:
        if entry["status"] == "built" and (ranked := _ranked(entry)):
            found[entry["id"]] = _told(entry, ranked, validation)
    return found


def _ranked(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the values by which an artefact ranks its runs: the first metric of the test set that several have."""
    names = {run["run"] for run in entry["runs"]}
    by_metric = defaultdict[str, list[Mapping[str, Any]]](list)
    for value in entry["values"]:
        stated = value["published"] is not None and value["relation"] == "=" and value["reproduced"] is not None
        if stated and value["key"] in names and value["unit"] == "%" and value["metric"].startswith("test_"):
            by_metric[value["metric"]].append(value)
    return next((values for values in by_metric.values() if len({value["published"] for value in values}) > 1), [])


def _told(entry: Mapping[str, Any], ranked: list[Mapping[str, Any]], validation: Mapping[Any, float]) -> Told:
    single = [value for value in ranked if len(value["reproduced"]["values"]) < 2]
    if len(single) == len(ranked):
        return f"each of the {len(ranked)} networks has only one seed"
    if single:
        return f"{len(single)} of the {len(ranked)} networks {'has' if len(single) == 1 else 'have'} only one seed"
    if len({value["published"] for value in ranked}) < len(ranked):
        return "two of the published values are equal"
    return one_run_each([_contestant(entry["writeup"], value, validation) for value in ranked])


def _contestant(writeup: str, value: Mapping[str, Any], validation: Mapping[Any, float]) -> Contestant:
    found = value["reproduced"]
    metric = value["metric"].replace("test_", "validation_")
    keys = [(f"{writeup}/{value['key']}", seed, metric) for seed in found["seeds"]]
    return Contestant(
        label=value["label"],
        published=value["published"],
        test=tuple(found["values"]),
        validation=tuple(validation[key] for key in keys) if all(key in validation for key in keys) else (),
    )


def _validation(report: Report) -> dict[tuple[str, int, str], float]:
    """Return the metrics of the validation set by run, seed and name."""

    def pairs() -> Iterator[tuple[tuple[str, int, str], float]]:
        for run in report.runs:
            for name, metric in run.metrics.items():
                if name.startswith("validation_"):
                    yield (run.id, run.seed, name), metric["value"]

    return dict(pairs())
