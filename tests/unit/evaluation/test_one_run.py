"""What one run of each network can say, against counting by hand and against loops."""

import itertools
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.evaluation import one_run
from rework.evaluation.one_run import Contestant, one_run_each

BY_HAND = [
    # Published: b is best. Of the four pairs (0.5, 0.6), (0.5, 0.7), (0.9, 0.6), (0.9, 0.7), the first two say so.
    Contestant("a", 0.70, (0.5, 0.9), (0.4, 0.9)),
    Contestant("b", 0.75, (0.6, 0.7), (0.5, 0.3)),
]


def test_a_pair_counted_by_hand():
    found = one_run_each(BY_HAND)
    assert (found.combinations, found.counted, found.seeds) == (4, 4, (2, 2))
    assert (found.ranking, found.winner, found.ranking_by_chance) == (0.5, 0.5, 0.5)
    assert (found.published_winner, found.best) == ("b", "a")
    # The test set picks b, b, a, a; the validation set b (0.5 of 0.4 and 0.5), then a three times.
    assert found.by_test.shown == pytest.approx((0.6 + 0.7 + 0.9 + 0.9) / 4)
    assert found.by_validation.shown == pytest.approx((0.6 + 0.5 + 0.9 + 0.9) / 4)
    assert found.by_test.worth == pytest.approx((0.65 + 0.65 + 0.7 + 0.7) / 4)
    assert found.by_validation.worth == pytest.approx((0.65 + 0.7 + 0.7 + 0.7) / 4)
    assert (found.by_test.best, found.by_validation.best) == (0.5, 0.75)
    assert not found.certain


def test_networks_that_never_overlap_are_certain():
    found = one_run_each([Contestant("a", 0.1, (0.1, 0.2)), Contestant("b", 0.9, (0.8, 0.9))])
    assert (found.ranking, found.winner, found.by_test.best, found.by_validation) == (1, 1, 1, None)
    assert found.certain
    assert [found.by_test.shown, found.by_test.worth] == pytest.approx([0.85, 0.85])


def test_equal_runs_are_no_order_and_share_the_win():
    found = one_run_each([Contestant("a", 0.1, (0.5, 0.5)), Contestant("b", 0.9, (0.5, 0.5))])
    assert (found.ranking, found.winner) == (0, 0.5)


SHARES = st.integers(0, 6).map(lambda count: count / 6)


@st.composite
def contests(draw):
    published = draw(st.lists(SHARES, min_size=2, max_size=4, unique=True))
    contestants = []
    for number, value in enumerate(published):
        pairs = draw(st.lists(st.tuples(SHARES, SHARES), min_size=2, max_size=4))
        test, validation = zip(*pairs, strict=True)
        contestants.append(Contestant(str(number), value, test, validation))
    return contestants


def in_loops(contestants):
    """The same numbers, by loops over combinations."""
    means = [mean(contestant.test) for contestant in contestants]
    best = [number for number, value in enumerate(means) if value == max(means)]
    order = sorted(range(len(contestants)), key=lambda number: contestants[number].published)
    rows = []
    for seeds in itertools.product(*(range(len(contestant.test)) for contestant in contestants)):
        test = [contestant.test[seed] for contestant, seed in zip(contestants, seeds, strict=True)]
        validation = [contestant.validation[seed] for contestant, seed in zip(contestants, seeds, strict=True)]
        row = [all(test[a] < test[b] for a, b in itertools.pairwise(order))]
        for by in (test, validation):
            picked = [number for number, value in enumerate(by) if value == max(by)]
            row += [
                (order[-1] in picked) / len(picked),
                mean(test[number] for number in picked),
                mean(means[number] for number in picked),
                len(set(picked) & set(best)) / len(picked),
            ]
        rows.append(row)
    return [mean(map(float, column)) for column in zip(*rows, strict=True)]


@given(contests())
def test_loops_give_the_same(contestants):
    found = one_run_each(contestants)
    ranking, winner, *test, _, shown, worth, best = in_loops(contestants)
    assert found.ranking == pytest.approx(ranking)
    assert found.winner == pytest.approx(winner)
    assert [found.by_test.shown, found.by_test.worth] == pytest.approx(test[:2])
    assert [found.by_validation.shown, found.by_validation.worth] == pytest.approx([shown, worth])
    # Equal means in another order of additions may differ in their last digit, so one best network is asked for.
    means = sorted(mean(contestant.test) for contestant in contestants)
    if means[-1] - means[-2] > 1e-9:
        assert [found.by_test.best, found.by_validation.best] == pytest.approx([test[2], best])


def test_many_combinations_are_drawn_and_the_draw_repeats(monkeypatch):
    contestants = [Contestant(str(n), n / 10, tuple((n + k) / 20 for k in range(5))) for n in range(4)]
    exact = one_run_each(contestants)
    monkeypatch.setattr(one_run, "MOST", 500)
    drawn = one_run_each(contestants)
    assert (exact.counted, drawn.counted, drawn.combinations) == (625, 500, 625)
    assert drawn == one_run_each(contestants)
    assert drawn.winner == pytest.approx(exact.winner, abs=5 * (exact.winner * (1 - exact.winner) / 500) ** 0.5)


@pytest.mark.parametrize(
    "contestants",
    [
        BY_HAND[:1],
        [BY_HAND[0], Contestant("b", 0.7, (0.5, 0.6))],
        [BY_HAND[0], Contestant("b", 0.9, (0.5,))],
    ],
    ids=["one network", "equal values", "one seed"],
)
def test_what_says_nothing_is_refused(contestants):
    with pytest.raises(ValueError, match="two networks with two seeds"):
        one_run_each(contestants)
