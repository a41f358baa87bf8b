"""Choosing the values that the report's first pages list, so that they stay short."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rework.report.counting import VERDICTS, computed, distinct

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

    Each value stands once, however many artefacts show it, and what was measured comes before what was computed. For an
    artefact with many values, only those that differ are listed, at most ``LISTED``, so that the summary stays short
    even if a sweep has thousands of runs; computed values that are exact are only counted.
    """
    groups: dict[tuple[bool, str], list[dict[str, Any]]] = {}
    for value in distinct(values):
        groups.setdefault((computed(value), value["artefact"]["id"]), []).append(value)
    return [_group(members, exact) for (exact, _), members in sorted(groups.items(), key=lambda item: item[0][0])]


def _group(values: list[dict[str, Any]], exact: bool) -> SummaryGroup:
    if len(values) <= LISTED and not exact:
        return SummaryGroup(values[0]["artefact"], values, {})
    listed = [value for value in values if value["verdict"] == "differs"][:LISTED]
    others = Counter(value["verdict"] for value in values)
    others.subtract(value["verdict"] for value in listed)
    return SummaryGroup(values[0]["artefact"], listed, {word: others[word] for word in VERDICTS if others[word]})
