"""Counting published values: each once, however many artefacts show it, and the computed ones apart."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from rework.evaluation.verdicts import ORDER, RULES, Verdict, worst

VERDICTS: tuple[Verdict, ...] = tuple(RULES)
"""All verdicts in the order of the summary, that of computed values last."""


def distinct(values: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one of the values of each metric and subject: that with the worst verdict, or else the first.

    The values of one printed log are looks at one training, and count as one.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for value in values:
        one = (value["subject"], value["metric"])
        if value.get("log"):
            one = (value["subject"].partition("/")[0], f"log: {value['log']}")
        kept = found.setdefault(one, value)
        if ORDER.index(value["verdict"]) > ORDER.index(kept["verdict"]):
            found[one] = value
    return list(found.values())


def computed(value: dict[str, Any]) -> bool:
    """Return whether a value was computed without training and chance: a count, an identity, a rounding error."""
    return value["reproduced"] is not None and value["reproduced"]["interval"] == "exact"


def counts(values: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Return how many distinct values have each verdict; those that were computed count as ``exact`` or ``differs``."""
    found = Counter(value["verdict"] for value in distinct(values))
    return {verdict: found[verdict] for verdict in VERDICTS}


def computed_counts(values: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Return how many of the distinct computed values are ``exact`` and how many ``differs``."""
    found = Counter(value["verdict"] for value in distinct(values) if computed(value))
    return {verdict: found[verdict] for verdict in ("exact", "differs")}


def worst_of(values: Iterable[dict[str, Any]]) -> Verdict | None:
    """Return the worst verdict among values that have one."""
    return worst(value["verdict"] for value in values if value["verdict"] is not None)
