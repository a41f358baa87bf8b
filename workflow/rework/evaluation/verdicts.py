"""Verdicts on published values. The tolerance is fixed in the configuration before any run, with its reason.

The rule is an equivalence test: the 90 % interval of the mean over seeds against the published value plus and minus its
tolerance. More spread can only leave a verdict less decided.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Literal

from rework.evaluation.statistics import Estimate, as_far_by_chance, seeds_to_decide, t_half_width
from rework.settings.artefact import PublishedValue

Verdict = Literal[
    "exact", "reproduced", "within tolerance", "outside tolerance", "differs", "not comparable", "not run"
]
# From the best to the worst: an artefact is as good as its worst value.
ORDER: tuple[Verdict, ...] = (
    *("exact", "reproduced", "within tolerance"),
    *("not comparable", "not run", "outside tolerance", "differs"),
)
RULES: dict[Verdict, str] = {
    "reproduced": "the interval lies inside the tolerance",
    "within tolerance": "the mean is inside, the interval reaches out",
    "outside tolerance": "the mean is outside, the interval reaches in",
    "differs": "the interval, or a computed value, lies outside",
    "not comparable": "measured on other data, or another quantity",
    "not run": "no result, with the reason given",
    "exact": "computed or counted, and equal but for rounding",
}


def judge(published: PublishedValue, found: Estimate, comparable: bool = True) -> Verdict:
    """Return the verdict on one published value.

    Args:
        published: the value, its tolerance and relation.
        found: what this build measured or computed. One seed has no interval, and decides nothing.
        comparable: False for a result from other data than the writeup's, or of another quantity.
    """
    if not comparable:
        return "not comparable"
    low, high = accepted(published)
    inside = low <= found.mean <= high
    if found.interval == "exact":
        return "exact" if inside else "differs"
    if found.interval == "none":
        return "within tolerance" if inside else "outside tolerance"
    low_kept, high_kept = (low, high) if published.relation == "=" else accepted(published, tolerant=False)
    if low_kept <= found.low and found.high <= high_kept:
        return "reproduced"
    if inside:
        return "within tolerance"
    return "outside tolerance" if found.low <= high and low <= found.high else "differs"


def accepted(published: PublishedValue, tolerant: bool = True) -> tuple[float, float]:
    """Return the range of means that agree with a published value or bound, with or without its tolerance."""
    tolerance = published.tolerance if tolerant else 0.0
    low = -inf if published.relation == "<=" else published.value - tolerance
    high = inf if published.relation == ">=" else published.value + tolerance
    return low, high


@dataclass(frozen=True)
class Power:
    """What the seeds behind a measured value can tell.

    Attributes:
        deviation: the standard deviation over seeds.
        caught: the distance of the mean from the published value from which on it would have been called ``differs``.
        undecided: whether the interval crosses a limit, so that more seeds could change the verdict.
        seeds_to_decide: with how many seeds it would not, if mean and spread stayed; None if that is more than a
            thousand, or if the verdict is decided.
        as_far: the probability that a single run lies as far from the mean of ours as the published value.
    """

    deviation: float
    caught: float
    undecided: bool
    seeds_to_decide: int | None
    as_far: float


def power(published: PublishedValue, found: Estimate) -> Power | None:
    """Return what the seeds can tell, or None for a computed value or a single seed."""
    if found.interval != "t":
        return None
    limits = [limit for tolerant in (True, False) for limit in accepted(published, tolerant)]
    if published.relation == "=":
        limits = limits[:2]
    undecided = any(found.low < limit < found.high for limit in limits)
    nearest = min(abs(found.mean - limit) for limit in limits)
    return Power(
        deviation=found.deviation,
        caught=published.tolerance + t_half_width(found.deviation, len(found.values)),
        undecided=undecided,
        seeds_to_decide=seeds_to_decide(found.deviation, nearest) if undecided else None,
        as_far=as_far_by_chance(published.value, found),
    )


def worst(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Return the worst verdict, or None if there are none."""
    return max(verdicts, key=ORDER.index, default=None)
