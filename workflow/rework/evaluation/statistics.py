"""Means of a metric over seeds, with the interval that verdicts are given by, and differences of such means.

The intervals are written out, with quantiles of ``scipy.special``: importing ``scipy.stats``, which has them too, takes
longer than most artefacts take to make. The tests compare the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from scipy import special

IntervalKind = Literal["t", "exact", "none"]
LEVEL = 0.90
"""Of the interval of a mean: one that lies inside the tolerance is an equivalence test at 5 %."""
DIFFERENCE_LEVEL = 0.95
"""Of the interval of a difference of two means, on which claims are checked."""


@dataclass(frozen=True)
class Estimate:
    """A metric as measured: its values by seed, their mean, and the interval of the mean.

    ``interval`` says where ``low`` and ``high`` come from: a t-interval over seeds, ``exact`` for values that were
    computed and have no randomness, or ``none`` for a single seed, which says nothing about the spread.
    """

    values: tuple[float, ...]
    mean: float
    low: float
    high: float
    interval: IntervalKind

    @property
    def deviation(self) -> float:
        """The sample standard deviation over seeds; there must be at least two."""
        return sqrt(_variance(self.values))


def estimate(values: Sequence[float], share: bool = False, exact: bool = False) -> Estimate:
    """Return the mean and the interval of a metric.

    Args:
        values: one per seed.
        share: whether it is a share, whose interval stays within 0 and 1.
        exact: whether the values come from a computation without data or random training.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values to estimate from")
    mean = sum(values) / len(values)
    if exact:
        return Estimate(tuple(values), mean, min(values), max(values), "exact")
    if len(values) == 1:
        return Estimate(tuple(values), mean, mean, mean, "none")
    half = t_half_width(sqrt(_variance(values)), len(values))
    low, high = mean - half, mean + half
    if share and all(0 <= value <= 1 for value in values):
        low, high = max(low, 0.0), min(high, 1.0)
    return Estimate(tuple(values), mean, low, high, "t")


def t_half_width(deviation: float, seeds: int) -> float:
    """Return half the width of the t-interval of a mean over at least two seeds with this standard deviation."""
    return _t_quantile(seeds - 1, LEVEL) * deviation / sqrt(seeds)


def seeds_to_decide(deviation: float, distance: float, most: int = 1000) -> int | None:
    """Return the fewest seeds with which half the interval would be no wider than a distance, if the spread stayed.

    Returns:
        At least 2; None if more than ``most`` would be needed.
    """
    enough = (seeds for seeds in range(2, most + 1) if t_half_width(deviation, seeds) <= distance)
    return next(enough, None)


def as_far_by_chance(value: float, found: Estimate) -> float:
    """Return the probability that one more seed would lie as far from the mean of ours as a value, or farther.

    That of Student's distribution, for one more draw from the same normal distribution; at least two seeds are needed.
    """
    off, scale = abs(value - found.mean), found.deviation * sqrt(1 + 1 / len(found.values))
    if not scale:
        return 1.0 if not off else 0.0
    return 2 * float(special.stdtr(len(found.values) - 1, -off / scale))


def difference_interval(left: Sequence[float], right: Sequence[float]) -> tuple[float, float]:
    """Return Welch's 95 % t-interval of the difference of the means of two runs over their seeds.

    Raises:
        ValueError: one of them has a single seed.
    """
    if min(len(left), len(right)) < 2:
        raise ValueError("one seed on a side has no spread to compare with")
    return _welch(left, right)


def paired_interval(left: Sequence[float], right: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % t-interval of the mean difference of two runs, of which each seed makes a pair.

    Raises:
        ValueError: there are fewer than two pairs, or a seed without its partner.
    """
    if len(left) != len(right):
        raise ValueError(f"{len(left)} and {len(right)} seeds are no pairs")
    if len(left) < 2:
        raise ValueError("one pair has no spread to compare with")
    differences = [one - other for one, other in zip(left, right, strict=True)]
    mean = sum(differences) / len(differences)
    half = _t_quantile(len(differences) - 1, DIFFERENCE_LEVEL) * sqrt(_variance(differences) / len(differences))
    return mean - half, mean + half


def _welch(left: Sequence[float], right: Sequence[float]) -> tuple[float, float]:
    """Return Welch's interval, with the degrees of freedom of Welch and Satterthwaite."""
    difference = sum(left) / len(left) - sum(right) / len(right)
    parts = [_variance(side) / len(side) for side in (left, right)]
    variance = sum(parts)
    if not variance:  # no spread on either side: the difference is exact
        return difference, difference
    freedom = variance**2 / sum(part**2 / (len(side) - 1) for part, side in zip(parts, (left, right), strict=True))
    half = _t_quantile(freedom, DIFFERENCE_LEVEL) * sqrt(variance)
    return difference - half, difference + half


def _variance(values: Sequence[float]) -> float:
    """Return the sample variance of at least two values; exactly 0 where they are equal."""
    if len({*values}) == 1:
        return 0.0
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _t_quantile(freedom: float, level: float) -> float:
    """Return the quantile of Student's distribution that bounds the two-sided interval of a level."""
    return float(special.stdtrit(freedom, (1 + level) / 2))
