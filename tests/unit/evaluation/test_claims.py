"""Claims: each result, several comparisons at once, margins, and reasons made of numbers."""

from dataclasses import replace

import pytest
from rework.evaluation.claims import MeasuredRun, check_claim
from rework.evaluation.statistics import estimate
from rework.settings.artefact import Claim

CLAIM = Claim("best", "It is the best.", "test_accuracy", "left", ">", ("right",))


def one_seed(value, size=10000):
    return MeasuredRun(f"run {value}", estimate([value], size), size)


def seeds(*values):
    return MeasuredRun("run", estimate(values), 10000)


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [(0.92, 0.90, "holds"), (0.90, 0.92, "does not hold"), (0.910, 0.909, "undecided")],
)
def test_one_seed_is_judged_by_the_test_sets(left, right, result):
    checked = check_claim(CLAIM, {"left": one_seed(left), "right": one_seed(right)})
    assert checked.result == result
    assert "test sets" in checked.why


def test_several_seeds_are_judged_by_their_spread():
    near = {"left": seeds(0.91, 0.93, 0.89), "right": seeds(0.90, 0.90, 0.90)}
    far = {"left": seeds(0.950, 0.951, 0.949), "right": seeds(0.900, 0.901, 0.899)}
    assert check_claim(CLAIM, near).result == "undecided"
    assert check_claim(CLAIM, far).result == "holds"
    assert "over seeds" in check_claim(CLAIM, far).why


def test_the_reason_names_both_values_and_the_interval():
    why = check_claim(CLAIM, {"left": one_seed(0.92), "right": one_seed(0.90)}).why
    # 1.96 * sqrt(0.92 * 0.08 / 10000 + 0.9 * 0.1 / 10000) = 0.0079
    assert "92.00 %" in why
    assert "90.00 %" in why
    assert "+1.21 and +2.79" in why


def test_a_claim_over_several_runs_needs_each_of_them():
    claim = replace(CLAIM, right=("low", "other"))
    runs = {"left": one_seed(0.92), "low": one_seed(0.85)}
    assert check_claim(claim, {**runs, "other": one_seed(0.90)}).result == "holds"
    assert check_claim(claim, {**runs, "other": one_seed(0.919)}).result == "undecided"
    assert check_claim(claim, {**runs, "other": one_seed(0.95)}).result == "does not hold"


@pytest.mark.parametrize(("left", "result"), [(0.905, "holds"), (0.95, "does not hold"), (0.912, "undecided")])
def test_at_most_so_much_more(left, result):
    claim = replace(CLAIM, relation="<=", margin=0.01)
    big = 10**6 if left == 0.905 else 10000
    assert check_claim(claim, {"left": one_seed(left, big), "right": one_seed(0.90, big)}).result == result


def test_less_is_the_mirror_of_more():
    runs = {"left": one_seed(0.85), "right": one_seed(0.90)}
    assert check_claim(replace(CLAIM, relation="<"), runs).result == "holds"
    assert check_claim(replace(CLAIM, relation=">"), runs).result == "does not hold"


def test_a_claim_about_runs_that_do_not_exist_is_not_run():
    checked = check_claim(replace(CLAIM, not_run="Not built yet."), {})
    assert (checked.result, checked.why) == ("not run", "Not built yet.")
