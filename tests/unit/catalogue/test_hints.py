"""Values from YAML against type hints: by hand, and what holds for every hint of numbers."""

import json
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.catalogue.hints import UnfitError, fits, fitted, in_words
from rework.settings.ranges import RANGES


@pytest.mark.parametrize(
    ("hint", "good", "bad", "words"),
    [
        ("int", [0, -3, 8.0], [1.5, True, "1", None, nan, inf], "a whole number"),
        ("float", [0, 0.5], [True, "0.5", None, nan, -inf], "a number"),
        ("bool", [True], [0, 1, "true"], "true or false"),
        ("str", ["", "a"], [1, None], "a text"),
        ("int | None", [3, None], ["3", 0.5], "a whole number or null"),
        ("tuple[int, ...]", [[], [1, 2], (3,)], [1, [1.5], "12"], "a list, each entry a whole number"),
        ("tuple[int, float]", [[1, 2.5]], [[1], [1, 2, 3], [1.5, 2]], "a list of a whole number, a number"),
        ("Literal['max', 'avg']", ["max", "avg"], ["min", None], "one of max, avg"),
        ("Literal[1, 2]", [1], [True, 1.0, 3], "one of 1, 2"),
        (
            "Mapping[str, Count]",
            [{}, {"a": 1}],
            [{"a": 0}, [1], 1],
            "keys, each with a whole number from 1 to 1 000 000",
        ),
        ("Annotated[int, Range(least=1, most=5)]", [1, 5.0], [0, 6, 4.5, True], "a whole number from 1 to 5"),
        ("Annotated[float, Range(above=-1)]", [-0.5, 0], [-1], "a number above -1"),
        ("Any", [None, [1], "a"], [], "Any"),
    ],
)
def test_values_by_hand(hint, good, bad, words):
    assert all(fits(value, hint) for value in good)
    assert not any(fits(value, hint) for value in bad)
    assert in_words(hint) == words


@pytest.mark.parametrize(
    ("hint", "written", "taken"),
    [
        ("Count", 8.0, 8),
        ("float", 8.0, 8.0),
        ("float", 8, 8),
        ("tuple[Count, ...]", [200.0, 10], [200, 10]),
        ("tuple[tuple[Count, float], ...]", [[2.0, 2.0]], [[2, 2.0]]),
        ("Count | None", 3.0, 3),
        ("Count | None", None, None),
        ("Mapping[str, tuple[int, ...]]", {"a": [1.0]}, {"a": [1]}),
    ],
)
def test_a_whole_number_with_a_point_is_one_where_one_is_asked_for(hint, written, taken):
    assert json.dumps(fitted(written, hint)) == json.dumps(taken)


NAMES = st.sampled_from(sorted(RANGES))
WHOLE_NAMES = st.sampled_from(sorted(name for name, (kind, _) in RANGES.items() if kind is int))
NO_NUMBERS = st.booleans() | st.none() | st.text() | st.sampled_from([nan, inf, -inf]) | st.just([1]) | st.just({})


@given(NAMES, st.integers(-(2**53), 2**53) | st.floats(-400, 400))
def test_a_number_fits_if_its_range_holds_it_and_only_whole_ones_fit_whole_hints(name, value):
    kind, limits = RANGES[name]
    assert fits(value, name) == (limits.holds(value) and (kind is float or float(value).is_integer()))


@given(WHOLE_NAMES, st.lists(st.integers(2, 64), max_size=5))
def test_a_point_makes_no_difference_to_whole_numbers(name, values):
    pointed = [float(value) for value in values]
    assert json.dumps(fitted(pointed, f"tuple[{name}, ...]")) == json.dumps(values)


@given(NAMES, st.lists(st.floats(0.25, 0.75), max_size=3), NO_NUMBERS, st.data())
def test_what_is_no_number_spoils_a_list_of_numbers_wherever_it_stands(name, numbers, other, data):
    place = data.draw(st.integers(0, len(numbers)))
    with pytest.raises(UnfitError):
        fitted([*numbers[:place], other, *numbers[place:]], f"tuple[{name}, ...]")
