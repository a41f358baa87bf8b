"""Patterns of names match only these names, like plain alternatives."""

import re

from hypothesis import given
from hypothesis import strategies as st
from rework.catalogue.name_patterns import one_of

NAMES = st.lists(st.text(alphabet="ab/.-0+(", max_size=6), max_size=12)


@given(NAMES, NAMES)
def test_it_matches_its_names_and_no_others(names, others):
    pattern = re.compile(one_of(names))
    assert pattern.groups == 0
    for text in {*names, *others, *(name[:-1] for name in names), *(name + "a" for name in names)}:
        assert bool(pattern.fullmatch(text)) is (text in names)


@given(NAMES.filter(bool), NAMES)
def test_it_goes_on_with_what_follows(names, others):
    """In a path, the rest decides which of two names that begin alike is meant."""
    pattern = re.compile(f"results/(?P<run>{one_of(names)})/seed(?P<seed>\\d+)")
    for text in {*names, *others}:
        found = pattern.fullmatch(f"results/{text}/seed7")
        assert (found["run"] if found else None) == (text if text in names else None)


def test_no_name_is_no_match():
    assert re.search(one_of([]), "") is None
