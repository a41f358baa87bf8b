"""Intervals against worked examples, simulation and other formulas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.evaluation.statistics import (
    difference_interval,
    estimate,
    sampling_half_width,
    t_half_width,
    wilson_interval,
)
from scipy import stats

accuracies = st.floats(0.05, 0.95)
samples = st.lists(st.integers(0, 1000).map(lambda count: count / 1000), min_size=2, max_size=12)


@given(values=samples)
def test_the_t_interval_is_that_of_scipy(values):
    if len({*values}) == 1:
        assert t_half_width(values) == 0
    else:
        low, high = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
        assert t_half_width(values) == pytest.approx((high - low) / 2, rel=1e-9)


@given(right=st.integers(0, 300), wrong=st.integers(0, 300))
def test_the_wilson_interval_is_that_of_scipy(right, wrong):
    size = right + wrong
    if size:
        expected = stats.binomtest(right, size).proportion_ci(0.95, method="wilson")
        assert wilson_interval(right / size, size) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(left=samples, right=samples)
def test_the_interval_of_a_difference_is_that_of_scipy(left, right):
    found = difference_interval(estimate(left), estimate(right), None, None)
    if len({*left}) > 1 or len({*right}) > 1:
        expected = stats.ttest_ind(left, right, equal_var=False).confidence_interval(0.95)
        assert found == pytest.approx((expected.low, expected.high), rel=1e-7, abs=1e-9)


def test_the_t_interval_of_three_values_by_hand():
    # Mean 0.91, standard deviation 0.01, t(2 degrees, 97.5 %) = 4.302653.
    found = estimate([0.90, 0.91, 0.92], test_size=100)
    assert found.interval == "t"
    assert found.mean == pytest.approx(0.91)
    assert found.high - found.mean == pytest.approx(4.302653 * 0.01 / math.sqrt(3), rel=1e-6)
    assert found.mean - found.low == pytest.approx(found.high - found.mean)


def test_the_wilson_interval_by_its_formula():
    proportion, size, z = 0.9092, 10000, 1.959964
    centre = (proportion + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * math.sqrt(proportion * (1 - proportion) / size + z * z / (4 * size * size))
    assert wilson_interval(proportion, size) == pytest.approx((centre - half, centre + half), abs=1e-7)


def test_one_seed_has_the_interval_of_its_test_set_or_none():
    assert estimate([0.9], test_size=1000).interval == "binomial"
    alone = estimate([2.5])
    assert (alone.interval, alone.low, alone.high) == ("none", 2.5, 2.5)


def test_what_is_computed_exactly_has_no_width_of_chance():
    assert estimate([608], exact=True) == estimate([608.0], exact=True)
    assert (estimate([608], exact=True).low, estimate([608], exact=True).interval) == (608, "exact")


def test_no_values_are_refused():
    with pytest.raises(ValueError, match="no values"):
        estimate([])


@pytest.mark.parametrize(
    ("values", "size", "ends"),
    [
        ([0.99, 1.0, 1.0], 100, (None, 1.0)),
        ([0.0, 0.0, 0.01], 100, (0.0, None)),
        ([0.99, 1.0, 1.0], None, (None, None)),
        ([2.0, 2.5], 100, (None, None)),
    ],
)
def test_the_interval_of_a_proportion_ends_at_0_and_1(values, size, ends):
    found, half = estimate(values, test_size=size), t_half_width(values)
    mean = sum(values) / len(values)
    expected = [free if end is None else end for end, free in zip(ends, (mean - half, mean + half), strict=True)]
    assert [found.low, found.high] == pytest.approx(expected)
    assert not 0 < mean - half < mean + half < 1, "else nothing is tested"


def test_t_intervals_cover_the_mean_as_often_as_they_say():
    generator = np.random.default_rng(7)
    draws = generator.normal(0.9, 0.01, size=(3000, 4))
    covered = [abs(row.mean() - 0.9) <= t_half_width(row.tolist()) for row in draws]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)


def test_the_sampling_error_of_a_published_proportion():
    assert sampling_half_width(0.5, 10000) == pytest.approx(1.959964 * 0.005, rel=1e-6)
    assert sampling_half_width(0.9, None) == 0
    assert sampling_half_width(59.46, 10) == 0  # a loss is no proportion


@given(accuracies, st.integers(10, 20000))
def test_the_mean_lies_in_its_interval(value, size):
    found = estimate([value], test_size=size)
    # The interval belongs to the whole number of right answers nearest to the value.
    assert found.low - 1 / size <= found.mean <= found.high + 1 / size
    assert 0 <= found.low <= found.high <= 1


def test_welch_by_hand():
    left, right = estimate([0.92, 0.93, 0.94]), estimate([0.88, 0.90, 0.92])
    # Variances 1e-4 and 4e-4 over 3: standard error 0.0129099, 2.941176 degrees, t = 3.216566.
    low, high = difference_interval(left, right, None, None)
    assert (low + high) / 2 == pytest.approx(0.03)
    assert (high - low) / 2 == pytest.approx(3.2166 * 0.0129099, rel=1e-3)


def test_two_proportions_by_hand():
    low, high = difference_interval(estimate([0.9], 1000), estimate([0.8], 1000), 1000, 1000)
    half = 1.959964 * math.sqrt(0.9 * 0.1 / 1000 + 0.8 * 0.2 / 1000)
    assert (low, high) == pytest.approx((0.1 - half, 0.1 + half), rel=1e-6)


def test_equal_seeds_give_a_difference_without_width():
    assert difference_interval(estimate([0.5, 0.5]), estimate([0.25, 0.25]), None, None) == (0.25, 0.25)


def test_a_difference_needs_seeds_or_test_sets():
    with pytest.raises(ValueError, match="no interval"):
        difference_interval(estimate([0.5]), estimate([0.6]), None, 100)
