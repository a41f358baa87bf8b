"""Ranges of numbers, as signatures name them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.catalogue.hints import fits, in_words
from rework.settings.ranges import RANGES, Range


@pytest.mark.parametrize(
    ("name", "good", "bad", "words"),
    [
        ("Whole", [0, 7], [-1, 0.5, True, "0", 10**12], "a whole number from 0 to 1 000 000 000"),
        ("Count", [1, 7], [0, -1, 1.5, 10**12], "a whole number from 1 to 1 000 000"),
        ("TwoOrMore", [2, 3], [1, 2.5, 4097], "a whole number from 2 to 4096"),
        ("Symbols", [2, 128], [1, 129], "a whole number from 2 to 128"),
        ("Units", [1, 4096], [0, 100_001], "a whole number from 1 to 100 000"),
        ("Side", [1, 4096], [0, 4097], "a whole number from 1 to 4096"),
        ("Grid", [1, 64], [0, 65], "a whole number from 1 to 64"),
        ("Few", [1, 1000], [0, 1001], "a whole number from 1 to 1000"),
        ("Positive", [1e-9, 3], [0, -1, "1", 1e12], "a number above 0 to 1 000 000 000"),
        ("NotNegative", [0, 0.5, 90], [-0.1, "0", 1e12], "a number from 0 to 1 000 000 000"),
        ("Share", [0, 0.5, 1], [-0.1, 1.001, 96], "a number from 0 to 1"),
        ("Angle", [-180, 0, 25.5, 180], [-180.5, 181], "a number from -180 to 180"),
        ("Dropout", [0, 0.5, 0.999], [-0.1, 1, 1.5], "a number from 0 and below 1"),
        ("Weight", [-1000, 0, 2.5, 1000], [-1000.5, 1001, "1"], "a number from -1000 to 1000"),
    ],
)
def test_each_by_hand(name, good, bad, words):
    assert all(fits(value, name) for value in good)
    assert not any(fits(value, name) for value in bad)
    assert fits(good, f"tuple[{name}, ...]")
    assert not fits([*good, bad[0]], f"tuple[{name}, ...]")
    assert in_words(name) == words


def test_all_of_them_are_tried_above():
    assert set(RANGES) == {
        "Whole",
        "Count",
        "TwoOrMore",
        "Symbols",
        "Units",
        "Side",
        "Grid",
        "Few",
        "Positive",
        "NotNegative",
        "Share",
        "Angle",
        "Dropout",
        "Weight",
    }


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(-10, 10))
def test_limits_hold_or_not_at_the_limit_itself(low, high, value):
    assert Range(least=low, most=high).holds(value) == (low <= value <= high)
    assert Range(above=low, below=high).holds(value) == (low < value < high)
    assert Range(least=low).holds(low)
    assert not Range(above=low).holds(low)
