"""Choosing the values that the report's first pages list, so that they stay short."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rework.report.collect import VERDICTS

LISTED = 60  # values of one artefact


@dataclass(frozen=True)
class SummaryGroup:
    """What the summary shows of an artefact: some values one by one, and the number of others by verdict.

    Each value is as made by ``collect``, with its artefact.
    """

    artefact: Any
    listed: list[dict[str, Any]]
    others: dict[str, int]


def summary_groups(values: Sequence[dict[str, Any]]) -> list[SummaryGroup]:
    """Return the values of the summary by artefact, in their order.

    For an artefact with many values, only those that differ are listed, at most ``LISTED``, so that the summary stays
    short even if a sweep has thousands of runs.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for value in values:
        groups.setdefault(value["artefact"]["id"], []).append(value)
    return [_group(members) for members in groups.values()]


def _group(values: list[dict[str, Any]]) -> SummaryGroup:
    if len(values) <= LISTED:
        return SummaryGroup(values[0]["artefact"], values, {})
    listed = [value for value in values if value["verdict"] == "differs"][:LISTED]
    others = Counter(value["verdict"] for value in values)
    others.subtract(value["verdict"] for value in listed)
    return SummaryGroup(values[0]["artefact"], listed, {word: others[word] for word in VERDICTS if others[word]})
