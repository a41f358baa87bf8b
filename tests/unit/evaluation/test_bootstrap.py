"""Intervals by resampling pictures and seeds: against scipy and brute force, and how often they cover the truth."""

import numpy as np
import pytest
from rework.evaluation.bootstrap import difference_interval, mean_interval
from scipy import stats

RESAMPLES = 20_000


def scores(seed, seeds, pictures, spread=1.0, between=0.0):
    random = np.random.default_rng(seed)
    return random.normal(0, spread, (seeds, pictures)) + random.normal(0, between, (seeds, 1))


def test_with_one_seed_it_is_scipys_percentile_interval():
    found = scores(1, 1, 60)
    expected = stats.bootstrap(
        (found[0],), np.mean, n_resamples=RESAMPLES, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    assert mean_interval(found, RESAMPLES, np.random.default_rng(3)) == pytest.approx(tuple(expected), abs=0.01)


def test_with_seeds_and_pictures_it_is_what_loops_give():
    found = scores(4, 3, 12, between=0.5)
    random, means = np.random.default_rng(5), []
    for _ in range(RESAMPLES):
        rows, columns = random.integers(0, 3, 3), random.integers(0, 12, 12)
        means.append(found[rows][:, columns].mean())
    expected = np.quantile(means, [0.025, 0.975])
    assert mean_interval(found, RESAMPLES, np.random.default_rng(6)) == pytest.approx(tuple(expected), abs=0.02)


def test_a_difference_takes_the_same_pictures_and_seeds_of_its_own():
    left, right = scores(7, 2, 10, between=0.3), scores(8, 3, 10, between=0.3)
    random, means = np.random.default_rng(9), []
    for _ in range(RESAMPLES):
        columns = random.integers(0, 10, 10)
        one, other = left[random.integers(0, 2, 2)], right[random.integers(0, 3, 3)]
        means.append(one[:, columns].mean() - other[:, columns].mean())
    expected = np.quantile(means, [0.025, 0.975])
    found = difference_interval(left, right, RESAMPLES, np.random.default_rng(1))
    assert found == pytest.approx(tuple(expected), abs=0.03)


def test_the_paired_interval_of_correlated_scores_is_narrower_than_that_of_independent_ones():
    random = np.random.default_rng(2)
    hard = random.normal(0, 1, 50)
    left, right = (hard + random.normal(0, 0.1, (4, 50)) for _ in range(2))
    low, high = difference_interval(left, right, 4000, np.random.default_rng(3))
    # The same scores, with nothing in common: the pictures of one are in another order.
    mixed_low, mixed_high = difference_interval(left, right[:, random.permutation(50)], 4000, np.random.default_rng(3))
    assert high - low < 0.3 * (mixed_high - mixed_low)


def test_equal_scores_have_a_difference_of_nothing_but_their_seeds():
    one = scores(3, 1, 20)
    assert difference_interval(one, one, 500, np.random.default_rng(1)) == pytest.approx((0, 0), abs=1e-12)
    assert mean_interval(np.full((3, 9), 0.25), 500, np.random.default_rng(1)) == pytest.approx((0.25, 0.25))


def test_a_constant_and_the_order_of_both_move_the_interval_as_they_should():
    left, right = scores(1, 3, 30), scores(2, 3, 30)
    low, high = difference_interval(left, right, 3000, np.random.default_rng(4))
    again = difference_interval(left + 5, right, 3000, np.random.default_rng(4))
    assert again == pytest.approx((low + 5, high + 5))
    assert difference_interval(left, right, 3000, np.random.default_rng(4)) == (low, high), "the same draws"
    assert mean_interval(left, 500, np.random.default_rng(1)) != mean_interval(left, 500, np.random.default_rng(2))


def test_it_covers_the_truth_about_as_often_as_it_says():
    """Scores of many decoders whose true mean is 0; percentile intervals of few items are somewhat too narrow."""
    random = np.random.default_rng(10)
    covered = 0
    for seed in range(300):
        low, high = mean_interval(scores(seed, 5, 58, between=0.02), 400, random)
        covered += low <= 0 <= high
    assert 0.89 < covered / 300 <= 0.99


def test_scores_of_other_pictures_cannot_be_paired():
    with pytest.raises(ValueError, match="scores of 5 and of 6 pictures cannot be paired"):
        difference_interval(scores(1, 2, 5), scores(1, 2, 6), 10, np.random.default_rng(1))
