"""Verdicts: every one of them, their borders, and that a wider tolerance never makes a verdict worse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.evaluation.statistics import Estimate, estimate
from rework.evaluation.verdicts import ORDER, judge, worst
from rework.settings.artefact import PublishedValue


def published(value, tolerance=0.01, **more):
    return PublishedValue(key="run", metric="test_accuracy", value=value, tolerance=tolerance, **more)


def measured(mean, half=0.002):
    return Estimate((mean, mean), mean, mean - half, mean + half, "t")


@pytest.mark.parametrize(
    ("value", "mean", "verdict"),
    [
        (0.900, 0.901, "reproduced"),
        (0.900, 0.902, "reproduced"),  # at the border of the interval
        (0.900, 0.905, "within tolerance"),
        (0.900, 0.9099, "within tolerance"),
        (0.900, 0.9101, "differs"),
        (0.900, 0.8899, "differs"),
    ],
)
def test_the_three_verdicts(value, mean, verdict):
    assert judge(published(value), measured(mean)) == verdict


def test_the_sampling_error_of_the_published_value_widens_the_interval():
    # 1.96 * sqrt(0.9 * 0.1 / 10000) = 0.00588
    assert judge(published(0.9, test_size=10000), measured(0.9078)) == "reproduced"
    assert judge(published(0.9, test_size=10000), measured(0.9080)) == "within tolerance"


def test_a_count_must_be_equal():
    assert judge(published(608, 0), estimate([608], exact=True)) == "reproduced"
    assert judge(published(608, 0), estimate([609], exact=True)) == "differs"


@pytest.mark.parametrize(
    ("relation", "value", "verdict"),
    [
        ("<=", 3, "reproduced"),
        ("<=", 3.05, "reproduced"),
        ("<=", 3.2, "differs"),
        (">=", 2.95, "reproduced"),
        (">=", 2.8, "differs"),
    ],
)
def test_bounds_hold_up_to_the_tolerance(relation, value, verdict):
    assert judge(published(3, 0.1, relation=relation), estimate([value], exact=True)) == verdict


def test_one_seed_beyond_a_bound_is_enough():
    assert judge(published(3, 0, relation="<="), estimate([2.0, 4.0])) == "differs"


def test_other_data_are_not_comparable_even_if_the_number_fits():
    assert judge(published(0.9), measured(0.9), comparable=False) == "not comparable"


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.2), st.floats(0, 0.2))
def test_a_wider_tolerance_is_never_worse(value, mean, narrow, more):
    first = judge(published(value, narrow), measured(mean))
    second = judge(published(value, narrow + more), measured(mean))
    assert ORDER.index(second) <= ORDER.index(first)


def test_an_artefact_is_as_good_as_its_worst_value():
    assert worst(["reproduced", "differs", "within tolerance"]) == "differs"
    assert worst(["reproduced", "within tolerance"]) == "within tolerance"
    assert worst([]) is None
