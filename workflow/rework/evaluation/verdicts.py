"""Verdicts on published values. The tolerance is fixed in the configuration before any run."""

from collections.abc import Iterable
from typing import Literal

from rework.evaluation.statistics import Estimate, sampling_half_width
from rework.settings.artefact import PublishedValue

Verdict = Literal["reproduced", "within tolerance", "differs", "not run", "not comparable"]
# From the best to the worst: an artefact is as good as its worst value.
ORDER: tuple[Verdict, ...] = ("reproduced", "within tolerance", "not comparable", "not run", "differs")


def judge(published: PublishedValue, reproduced: Estimate, comparable: bool = True) -> Verdict:
    """Return the verdict on one published value.

    ``reproduced``: the interval, widened by the published value's own sampling error, contains that value. ``within
    tolerance``: the mean is off by no more than the tolerance. A bound (relation <= or >=) is reproduced if every
    measured value satisfies it, up to the tolerance.

    Args:
        published: the value, its tolerance and relation.
        reproduced: what this build measured.
        comparable: False for results from data other than the writeup's.
    """
    if not comparable:
        return "not comparable"
    if published.relation != "=":
        sign = 1 if published.relation == "<=" else -1
        kept = all(sign * (value - published.value) <= published.tolerance for value in reproduced.values)
        return "reproduced" if kept else "differs"
    widening = sampling_half_width(published.value, published.test_size)
    if reproduced.low - widening <= published.value <= reproduced.high + widening:
        return "reproduced"
    return "within tolerance" if abs(reproduced.mean - published.value) <= published.tolerance else "differs"


def worst(verdicts: Iterable[Verdict]) -> Verdict | None:
    """Return the worst verdict, or None if there are none."""
    return max(verdicts, key=ORDER.index, default=None)
