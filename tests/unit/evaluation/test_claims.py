"""Claims: each result, several comparisons at once, margins, one seed, and reasons made of numbers."""

from dataclasses import replace

import pytest
from rework.evaluation.claims import MeasuredRun, check_claim
from rework.evaluation.statistics import difference_interval
from rework.settings.artefact import Claim

CLAIM = Claim("best", "It is the best.", "test_accuracy", "left", ">", ("right",))


def seeds(*values, unit="share"):
    return MeasuredRun("run", values, unit)


def close(middle):
    """Return three seeds that lie within a thousandth of each other."""
    return seeds(middle - 0.0005, middle, middle + 0.0005)


def test_seeds_are_judged_by_their_spread():
    near = {"left": seeds(0.91, 0.93, 0.89), "right": seeds(0.90, 0.90, 0.90)}
    assert check_claim(CLAIM, near).result == "undecided"
    assert check_claim(CLAIM, {"left": close(0.95), "right": close(0.90)}).result == "holds"
    assert check_claim(CLAIM, {"left": close(0.90), "right": close(0.95)}).result == "does not hold"


@pytest.mark.parametrize("one", ["left", "right"])
def test_one_seed_on_a_side_decides_nothing(one):
    checked = check_claim(CLAIM, {"left": close(0.99), "right": close(0.50), one: seeds(0.7)})
    assert checked.result == "undecided"
    assert "one seed" in checked.why


def test_the_reason_names_both_means_the_interval_and_what_it_is_over():
    # Means 0.93 and 0.9, deviations 0.01 and 0: a standard error of 0.0057735 with 2 degrees of freedom, whose
    # quantile is 4.302653, so that half the interval is 0.0248414.
    why = check_claim(CLAIM, {"left": seeds(0.92, 0.93, 0.94), "right": seeds(0.9, 0.9, 0.9)}).why
    assert "93.00 %" in why
    assert "90.00 %" in why
    assert "+0.5159 and +5.484 points" in why
    assert "95 % over 3 and 3 seeds" in why


def test_pairs_are_judged_by_their_differences():
    # Each pair differs by 0.01 or 0.012, while the pairs are far from each other.
    runs = {"left": seeds(0.51, 0.712, 0.91), "right": seeds(0.5, 0.7, 0.9)}
    assert check_claim(CLAIM, runs).result == "undecided"
    checked = check_claim(replace(CLAIM, paired=True), runs)
    assert checked.result == "holds"
    assert "95 % over 3 pairs" in checked.why


@pytest.mark.parametrize(("left", "why"), [((0.9,), "1 and 2 seeds are no pairs"), ((0.9, 0.8, 0.7), "3 and 2 seeds")])
def test_seeds_without_partners_decide_nothing(left, why):
    checked = check_claim(replace(CLAIM, paired=True), {"left": seeds(*left), "right": seeds(0.1, 0.2)})
    assert checked.result == "undecided"
    assert why in checked.why


@pytest.mark.parametrize("one", ["left", "right"])
def test_what_was_not_recorded_decides_nothing(one):
    checked = check_claim(CLAIM, {"left": close(0.99), "right": close(0.50), one: seeds()})
    assert (checked.result, checked.why) == ("undecided", "run: too few epochs")


def test_a_loss_keeps_its_unit():
    claim = replace(CLAIM, metric="test_loss", relation="<", margin=0.1)
    runs = {"left": seeds(0.5, 0.5, unit="nats"), "right": seeds(0.75, 0.75, unit="nats")}
    checked = check_claim(claim, runs)
    assert checked.result == "holds"
    assert (
        "run 0.5 nats against run 0.75 nats: difference after the margin of 0.1 nats between -0.35 and" in checked.why
    )


def test_a_claim_over_several_runs_needs_each_of_them():
    claim = replace(CLAIM, right=("low", "other"))
    runs = {"left": close(0.92), "low": close(0.85)}
    assert check_claim(claim, {**runs, "other": close(0.90)}).result == "holds"
    assert check_claim(claim, {**runs, "other": close(0.9201)}).result == "undecided"
    assert check_claim(claim, {**runs, "other": close(0.95)}).result == "does not hold"


@pytest.mark.parametrize(("left", "result"), [(0.905, "holds"), (0.95, "does not hold"), (0.9101, "undecided")])
def test_at_most_so_much_more(left, result):
    claim = replace(CLAIM, relation="<=", margin=0.01)
    assert check_claim(claim, {"left": close(left), "right": close(0.90)}).result == result


@pytest.mark.parametrize(
    ("relation", "end", "result"),
    [
        (">", 0, "undecided"),
        (">=", 0, "holds"),
        ("<=", 0, "undecided"),
        ("<", 0, "undecided"),
        (">", 1, "undecided"),
        (">=", 1, "undecided"),
        ("<=", 1, "holds"),
        ("<", 1, "undecided"),
    ],
)
def test_an_interval_that_ends_at_the_boundary(relation, end, result):
    """The margin is an end of the interval, so that the interval begins or ends exactly at 0.

    Only "at least" and "at most" allow the boundary itself, and neither fails by it.
    """
    runs = {"left": seeds(0.91, 0.93, 0.92), "right": seeds(0.90, 0.91, 0.89)}
    margin = difference_interval(runs["left"].values, runs["right"].values)[end]
    assert check_claim(replace(CLAIM, relation=relation, margin=margin), runs).result == result


def test_less_is_the_mirror_of_more():
    runs = {"left": close(0.85), "right": close(0.90)}
    assert check_claim(replace(CLAIM, relation="<"), runs).result == "holds"
    assert check_claim(replace(CLAIM, relation=">"), runs).result == "does not hold"


def test_a_claim_about_runs_that_do_not_exist_is_not_run():
    checked = check_claim(replace(CLAIM, not_run="Not built yet."), {})
    assert (checked.result, checked.why) == ("not run", "Not built yet.")
