"""Means and 95 % intervals of a metric over seeds.

The intervals are written out, with quantiles of ``scipy.special``: importing ``scipy.stats``, which has them too, takes
longer than most artefacts take to make. The tests compare the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from scipy import special

IntervalKind = Literal["t", "binomial", "exact", "none"]
LEVEL = 0.95
_NORMAL = float(special.ndtri((1 + LEVEL) / 2))


@dataclass(frozen=True)
class Estimate:
    """A metric as measured: its values by seed, their mean, and the 95 % interval of the mean.

    ``interval`` says where ``low`` and ``high`` come from: a t-interval over seeds, the binomial interval of the test
    set, ``exact`` for values without randomness, or ``none`` for one seed of something that is not a proportion.
    """

    values: tuple[float, ...]
    mean: float
    low: float
    high: float
    interval: IntervalKind


def estimate(values: Sequence[float], test_size: int | None = None, exact: bool = False) -> Estimate:
    """Return the mean and the interval of a metric; the interval of a proportion stays within 0 and 1.

    Args:
        values: one per seed.
        test_size: number of examples behind each value, if it is a proportion.
        exact: whether the values come from a computation without data or random training.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("no values to estimate from")
    mean = sum(values) / len(values)
    if exact:
        return Estimate(tuple(values), mean, min(values), max(values), "exact")
    if len(values) > 1:
        half = t_half_width(values)
        low, high = mean - half, mean + half
        if test_size is not None and all(0 <= value <= 1 for value in values):
            low, high = max(low, 0.0), min(high, 1.0)
        return Estimate(tuple(values), mean, low, high, "t")
    if test_size is not None and 0 <= mean <= 1:
        low, high = wilson_interval(mean, test_size)
        return Estimate(tuple(values), mean, low, high, "binomial")
    return Estimate(tuple(values), mean, mean, mean, "none")


def t_half_width(values: Sequence[float]) -> float:
    """Return half the width of the 95 % t-interval of the mean of at least two values."""
    return _t_quantile(len(values) - 1) * sqrt(_variance(values) / len(values))


def wilson_interval(proportion: float, size: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a proportion of ``size`` examples."""
    share, square = round(proportion * size) / size, _NORMAL**2
    centre = share + square / (2 * size)
    half = _NORMAL * sqrt(share * (1 - share) / size + square / (4 * size**2))
    scale = 1 + square / size
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def sampling_half_width(proportion: float, size: int | None) -> float:
    """Return half the width of the normal 95 % interval of a published proportion; 0 if it has no test set."""
    if size is None or not 0 <= proportion <= 1:
        return 0.0
    return _NORMAL * sqrt(proportion * (1 - proportion) / size)


def difference_interval(
    left: Estimate, right: Estimate, left_size: int | None, right_size: int | None
) -> tuple[float, float]:
    """Return the 95 % interval of ``left - right``.

    With at least two seeds on both sides this is Welch's t-interval over seeds; otherwise, the interval for two
    proportions of their test sets.

    Raises:
        ValueError: there are neither enough seeds nor test sets.
    """
    if len(left.values) > 1 and len(right.values) > 1:
        return _welch(left.values, right.values)
    if left_size is None or right_size is None:
        raise ValueError("one seed and no test size: no interval of the difference")
    variance = left.mean * (1 - left.mean) / left_size + right.mean * (1 - right.mean) / right_size
    difference = left.mean - right.mean
    half = _NORMAL * sqrt(variance)
    return difference - half, difference + half


def _welch(left: Sequence[float], right: Sequence[float]) -> tuple[float, float]:
    """Return Welch's interval, with the degrees of freedom of Welch and Satterthwaite."""
    difference = sum(left) / len(left) - sum(right) / len(right)
    parts = [_variance(side) / len(side) for side in (left, right)]
    variance = sum(parts)
    if not variance:  # no spread on either side: the difference is exact
        return difference, difference
    freedom = variance**2 / sum(part**2 / (len(side) - 1) for part, side in zip(parts, (left, right), strict=True))
    half = _t_quantile(freedom) * sqrt(variance)
    return difference - half, difference + half


def _variance(values: Sequence[float]) -> float:
    """Return the sample variance of at least two values; exactly 0 where they are equal."""
    if len({*values}) == 1:
        return 0.0
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _t_quantile(freedom: float) -> float:
    """Return the quantile of Student's distribution that bounds the two-sided interval of ``LEVEL``."""
    return float(special.stdtrit(freedom, (1 + LEVEL) / 2))
