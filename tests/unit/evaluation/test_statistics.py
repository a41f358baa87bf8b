"""Intervals against worked examples, simulation and other formulas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.evaluation.statistics import (
    as_far_by_chance,
    difference_interval,
    estimate,
    paired_interval,
    seeds_to_decide,
    t_half_width,
)
from scipy import stats

samples = st.lists(st.integers(0, 1000).map(lambda count: count / 1000), min_size=2, max_size=12)


def test_what_is_computed_exactly_has_no_width_of_chance():
    assert estimate([608], exact=True) == estimate([608.0], exact=True)
    assert (estimate([608], exact=True).low, estimate([608], exact=True).interval) == (608, "exact")


def test_no_values_are_refused():
    with pytest.raises(ValueError, match="no values"):
        estimate([])


@given(values=samples)
def test_the_t_interval_is_that_of_scipy(values):
    found = estimate(values)
    if len({*values}) == 1:
        assert found.low == found.high == found.mean
    else:
        low, high = stats.t.interval(0.90, len(values) - 1, np.mean(values), stats.sem(values))
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9)
        assert found.deviation == pytest.approx(np.std(values, ddof=1))


@given(left=samples, right=samples)
def test_the_interval_of_a_difference_is_that_of_scipy(left, right):
    found = difference_interval(left, right)
    if len({*left}) > 1 or len({*right}) > 1:
        expected = stats.ttest_ind(left, right, equal_var=False).confidence_interval(0.95)
        assert found == pytest.approx((expected.low, expected.high), rel=1e-7, abs=1e-9)


@given(st.lists(st.tuples(samples.map(lambda values: values[0]), samples.map(lambda values: values[0])), min_size=2))
def test_the_interval_of_pairs_is_that_of_scipy(pairs):
    left, right = zip(*pairs, strict=True)
    found, differences = paired_interval(left, right), np.subtract(left, right)
    if np.ptp(differences) > 1e-9:
        expected = stats.ttest_rel(left, right).confidence_interval(0.95)
        assert found == pytest.approx((expected.low, expected.high), rel=1e-6, abs=1e-9)
    else:
        assert found == pytest.approx((differences[0], differences[0]))


@given(values=samples, another=st.floats(0, 1))
def test_a_single_run_as_far_from_ours_by_chance_is_that_of_scipy(values, another):
    found = as_far_by_chance(another, estimate(values))
    if len({*values}) > 1:
        scale = np.std(values, ddof=1) * math.sqrt(1 + 1 / len(values))
        expected = 2 * stats.t.sf(abs(another - np.mean(values)) / scale, len(values) - 1)
        assert found == pytest.approx(expected, rel=1e-6, abs=1e-12)
    else:
        assert found == (1.0 if another == sum(values) / len(values) else 0.0)


def test_the_t_interval_of_three_values_by_hand():
    # Mean 0.91, standard deviation 0.01, t(2 degrees, 95 %) = 2.919986.
    found = estimate([0.90, 0.91, 0.92])
    assert found.interval == "t"
    assert found.mean == pytest.approx(0.91)
    assert found.high - found.mean == pytest.approx(2.919986 * 0.01 / math.sqrt(3), rel=1e-6)
    assert found.mean - found.low == pytest.approx(found.high - found.mean)


def test_one_seed_has_no_interval():
    alone = estimate([0.9], share=True)
    assert (alone.interval, alone.low, alone.high) == ("none", 0.9, 0.9)


@pytest.mark.parametrize(
    ("values", "share", "ends"),
    [
        ([0.99, 1.0, 1.0], True, (None, 1.0)),
        ([0.0, 0.0, 0.01], True, (0.0, None)),
        ([0.99, 1.0, 1.0], False, (None, None)),
        ([2.0, 2.5], True, (None, None)),
        ([1.5, 1.75], True, (None, None)),
    ],
)
def test_the_interval_of_a_share_ends_at_0_and_1(values, share, ends):
    found, half = estimate(values, share), t_half_width(float(np.std(values, ddof=1)), len(values))
    mean = sum(values) / len(values)
    expected = [free if end is None else end for end, free in zip(ends, (mean - half, mean + half), strict=True)]
    assert [found.low, found.high] == pytest.approx(expected)
    assert not 0 < mean - half < mean + half < 1, "else nothing is tested"


def test_t_intervals_cover_the_mean_as_often_as_they_say():
    generator = np.random.default_rng(7)
    found = [estimate(row.tolist()) for row in generator.normal(0.9, 0.01, size=(3000, 4))]
    assert np.mean([one.low <= 0.9 <= one.high for one in found]) == pytest.approx(0.90, abs=0.02)


@pytest.mark.parametrize(("distance", "seeds"), [(5.0, 2), (4.0, 3), (1.5, 4), (1.0, 5), (0.9, 6), (0.05, None)])
def test_the_seeds_that_decide_by_hand(distance, seeds):
    # Half intervals of deviation 1 with 2 to 6 seeds: 4.4645, 1.6859, 1.1767, 0.9534, 0.8226; and 0.0521 with 1,000.
    assert seeds_to_decide(1.0, distance) == seeds


def test_an_interval_as_wide_as_the_distance_is_enough():
    assert seeds_to_decide(1.0, t_half_width(1.0, 4)) == 4


def test_welch_by_hand():
    # Variances 1e-4 and 4e-4 over 3: standard error 0.0129099, 2.941176 degrees, t = 3.216566.
    low, high = difference_interval([0.92, 0.93, 0.94], [0.88, 0.90, 0.92])
    assert (low + high) / 2 == pytest.approx(0.03)
    assert (high - low) / 2 == pytest.approx(3.2166 * 0.0129099, rel=1e-3)


def test_equal_seeds_give_a_difference_without_width():
    assert difference_interval([0.5, 0.5], [0.25, 0.25]) == (0.25, 0.25)


@pytest.mark.parametrize("sides", [([0.5], [0.6, 0.7]), ([0.5, 0.6], [0.7])])
def test_a_difference_needs_seeds_on_both_sides(sides):
    with pytest.raises(ValueError, match="one seed on a side"):
        difference_interval(*sides)
