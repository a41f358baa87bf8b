"""Verdicts: each of them by hand, and what must hold for all: noise never helps, and every verdict can fail."""

from statistics import mean, stdev

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rework.evaluation.statistics import Estimate, estimate, t_half_width
from rework.evaluation.verdicts import ORDER, RULES, judge, power, worst
from rework.settings.artefact import PublishedValue

# From the best to the worst of those that a measured value can have.
MEASURED = ("reproduced", "within tolerance", "outside tolerance", "differs")


def published(value, tolerance=0.01, **more):
    return PublishedValue("run", "test_accuracy", value, tolerance, because="a test", **more)


def measured(middle, half=0.002):
    return Estimate((middle, middle), middle, middle - half, middle + half, "t")


def with_spread(middle, spread, seeds):
    """Return the estimate of so many seeds with this mean and this standard deviation, up to rounding."""
    offsets = [number - (seeds - 1) / 2 for number in range(seeds)]
    scale = spread / stdev(offsets)
    return estimate([middle + scale * offset for offset in offsets])


def rank(verdict):
    return MEASURED.index(verdict)


@pytest.mark.parametrize(
    ("middle", "verdict"),
    [
        (0.900, "reproduced"),
        (0.9079, "reproduced"),  # the interval ends at 0.9099, just inside
        (0.9081, "within tolerance"),  # ... and here at 0.9101
        (0.8919, "within tolerance"),
        (0.9099, "within tolerance"),
        (0.9101, "outside tolerance"),
        (0.9119, "outside tolerance"),  # from 0.9099 on
        (0.9121, "differs"),
        (0.8879, "differs"),
    ],
)
def test_the_four_verdicts_by_hand(middle, verdict):
    assert judge(published(0.9), measured(middle)) == verdict


@pytest.mark.parametrize(
    ("middle", "half", "verdict"),
    [
        (0.5, 0.25, "reproduced"),
        (0.375, 0.125, "reproduced"),
        (0.75, 0.125, "within tolerance"),
        (0.25, 0.125, "within tolerance"),
        (1.0, 0.25, "outside tolerance"),
        (0.0, 0.25, "outside tolerance"),
    ],
)
def test_what_ends_exactly_at_a_limit_is_within(middle, half, verdict):
    """The limits are 0.25 and 0.75, which like all these numbers are exact in binary."""
    found = measured(middle, half)
    assert judge(published(0.5, 0.25), found) == verdict
    assert power(published(0.5, 0.25), found).undecided == (verdict == "within tolerance")


def test_three_seeds_by_hand():
    # Mean 0.901, deviation 0.001; the quantile of two degrees of freedom is 2.91999, so half the interval is 0.00169.
    found = estimate([0.900, 0.901, 0.902])
    assert (found.low, found.high) == pytest.approx((0.899314, 0.902686), abs=1e-6)
    assert judge(published(0.9, 0.003), found) == "reproduced"
    assert judge(published(0.9, 0.002), found) == "within tolerance"
    assert judge(published(0.9, 0.0005), found) == "outside tolerance"
    assert judge(published(0.899, 0.0003), found) == "differs"


def test_one_seed_decides_nothing():
    assert judge(published(0.9), estimate([0.9])) == "within tolerance"
    assert judge(published(0.9), estimate([0.5])) == "outside tolerance"


@pytest.mark.parametrize(
    ("relation", "middle", "verdict"),
    [
        ("<=", 2.9, "reproduced"),  # from 2.88 to 2.92
        ("<=", 2.99, "within tolerance"),  # the interval crosses the bound
        ("<=", 3.05, "within tolerance"),  # only the tolerance saves it
        ("<=", 3.11, "outside tolerance"),
        ("<=", 3.2, "differs"),
        (">=", 3.1, "reproduced"),
        (">=", 2.95, "within tolerance"),
        (">=", 2.89, "outside tolerance"),
        (">=", 2.8, "differs"),
    ],
)
def test_bounds_by_hand(relation, middle, verdict):
    assert judge(published(3, 0.1, relation=relation), measured(middle, 0.02)) == verdict


def test_what_is_computed_is_exact_or_differs():
    assert judge(published(608, 0), estimate([608], exact=True)) == "exact"
    assert judge(published(608, 0), estimate([609], exact=True)) == "differs"
    assert judge(published(1e-8, 0, relation="<="), estimate([3e-9], exact=True)) == "exact"
    assert judge(published(1e-8, 0, relation="<="), estimate([3e-8], exact=True)) == "differs"


def test_other_data_are_not_comparable_whatever_they_give():
    assert judge(published(0.9), measured(0.9), comparable=False) == "not comparable"
    assert judge(published(608, 0), estimate([608], exact=True), comparable=False) == "not comparable"


def clear_of_the_limits(tolerance, *places):
    """Leave out means that rounding could move across a limit."""
    assume(all(abs(abs(place) - limit) > 1e-6 for place in places for limit in (tolerance, 0)))


middles = st.floats(-2, 2)
spreads = st.floats(0.001, 2)
tolerances = st.floats(0.01, 1)
relations = st.sampled_from(["=", "<=", ">="])
seeds = st.integers(2, 12)


@given(middles, spreads, st.floats(0.001, 2), seeds, tolerances, relations)
def test_more_spread_only_makes_a_verdict_less_decided(middle, spread, more, count, tolerance, relation):
    clear_of_the_limits(tolerance, middle)
    value = published(0.0, tolerance, relation=relation)
    before, after = (judge(value, with_spread(middle, width, count)) for width in (spread, spread + more))
    if before in ("within tolerance", "outside tolerance"):
        # A mean within the tolerance of a bound but beyond the bound is as decided as it gets.
        assert after == before
    assert after in {
        "reproduced": ("reproduced", "within tolerance"),
        "differs": ("differs", "outside tolerance"),
    }.get(before, (before,))


@given(middles, spreads, st.floats(0, 2), seeds, tolerances, relations)
def test_shifting_the_mean_away_never_improves_a_verdict(middle, spread, shift, count, tolerance, relation):
    away = -1 if relation == ">=" or (relation == "=" and middle < 0) else 1
    clear_of_the_limits(tolerance, middle, middle + away * shift)
    value = published(0.0, tolerance, relation=relation)
    near, far = (judge(value, with_spread(place, spread, count)) for place in (middle, middle + away * shift))
    assert rank(far) >= rank(near)


@given(middles, spreads, seeds, tolerances, relations)
def test_a_mean_outside_the_tolerance_is_never_reproduced(middle, spread, count, tolerance, relation):
    outside = {"=": abs(middle) > tolerance, "<=": middle > tolerance, ">=": middle < -tolerance}[relation]
    assume(outside)
    verdict = judge(published(0.0, tolerance, relation=relation), with_spread(middle, spread, count))
    assert verdict in ("outside tolerance", "differs")


@given(middles, spreads, seeds, tolerances, st.floats(0, 2), relations)
def test_a_wider_tolerance_never_makes_a_verdict_worse(middle, spread, count, tolerance, wider, relation):
    found = with_spread(middle, spread, count)
    narrow, wide = (judge(published(0.0, size, relation=relation), found) for size in (tolerance, tolerance + wider))
    assert rank(wide) <= rank(narrow)


@given(middles, spreads, st.integers(1, 11), st.integers(1, 40), tolerances, relations)
def test_more_seeds_with_the_same_mean_and_spread_only_decide(middle, spread, count, more, tolerance, relation):
    """Inside the tolerance the verdict gets no worse; outside of it, more seeds show better that it is outside."""
    clear_of_the_limits(tolerance, middle)
    few = with_spread(middle, spread, count) if count > 1 else estimate([middle])
    value = published(0.0, tolerance, relation=relation)
    before, after = judge(value, few), judge(value, with_spread(middle, spread, count + more))
    if before in ("reproduced", "within tolerance"):
        assert rank(after) <= rank(before)
    else:
        assert rank(after) >= rank(before)


@given(st.lists(st.floats(0.5, 1), min_size=2, max_size=8), st.floats(0.5, 1), tolerances)
def test_a_share_cut_off_at_1_is_not_reproduced_from_outside(values, value, tolerance):
    found = estimate(values, share=True)
    assert 0 <= found.low <= found.high <= 1
    if abs(mean(values) - value) > tolerance + 1e-12:
        assert judge(published(value, tolerance), found) in ("outside tolerance", "differs")


def test_every_verdict_has_a_rule_and_a_rank():
    assert set(RULES) == set(ORDER)
    assert worst(["exact", "reproduced"]) == "reproduced"
    assert worst(["reproduced", "outside tolerance", "not run"]) == "outside tolerance"
    assert worst(["outside tolerance", "differs"]) == "differs"
    assert worst([]) is None


def test_the_power_of_three_seeds_by_hand():
    # As above: half the interval is 2.91999 * 0.001 / sqrt(3) = 0.0016859.
    found = estimate([0.900, 0.901, 0.902])
    told = power(published(0.9, 0.002), found)
    assert told.deviation == pytest.approx(0.001)
    assert told.caught == pytest.approx(0.0036859, abs=1e-7)
    # The limit 0.902 is 0.001 away. Half the interval of four seeds is 2.35336 * 0.001 / 2 = 0.00118, of five 0.00095.
    assert (told.undecided, told.seeds_to_decide) == (True, 5)
    # t = 0.001 / (0.001 * sqrt(4 / 3)) = 0.866025; of two degrees of freedom 1 - t / sqrt(t² + 2) = 0.477767.
    assert told.as_far == pytest.approx(0.477767, abs=1e-6)


def test_a_decided_verdict_needs_no_more_seeds():
    told = power(published(0.9, 0.003), estimate([0.900, 0.901, 0.902]))
    assert (told.undecided, told.seeds_to_decide) == (False, None)


def test_one_seed_and_computed_values_have_no_power():
    assert power(published(0.9), estimate([0.9])) is None
    assert power(published(608, 0), estimate([608], exact=True)) is None


@given(st.floats(-2, 2), spreads, st.integers(2, 8), tolerances, relations)
def test_so_many_seeds_decide_and_one_fewer_does_not(middle, spread, count, tolerance, relation):
    value = published(0.0, tolerance, relation=relation)
    told = power(value, with_spread(middle, spread, count))
    assume(told.seeds_to_decide is not None and told.seeds_to_decide < 500)
    assert told.seeds_to_decide > count
    assert not power(value, with_spread(middle, spread * (1 - 1e-9), told.seeds_to_decide)).undecided
    assert power(value, with_spread(middle, spread * (1 + 1e-9), told.seeds_to_decide - 1)).undecided


@given(spreads, seeds, tolerances, st.sampled_from([-1, 1]))
def test_a_deviation_that_is_caught_differs_and_a_smaller_one_does_not(spread, count, tolerance, side):
    value = published(0.0, tolerance)
    caught = tolerance + t_half_width(spread, count)
    assert power(value, with_spread(0.0, spread, count)).caught == pytest.approx(caught)
    assert judge(value, with_spread(side * caught * 1.001, spread, count)) == "differs"
    assert judge(value, with_spread(side * caught * 0.999, spread, count)) != "differs"
