"""Sweeps and overlays: properties that hold whatever the keys and values are."""

import copy
from dataclasses import replace
from math import prod

import pytest
from config_copy import ROOT
from hypothesis import given
from hypothesis import strategies as st
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.names import NAME
from rework.catalogue.sweeps import MOST_RUNS, expand_sweep, nested, overlay, sweep_run_name, values_at
from rework.catalogue.writeups import check_trainings
from rework.errors import ConfigError

KEYS = st.sampled_from("abcdef")
LEAVES = st.none() | st.integers(0, 9) | st.lists(st.integers(0, 9), max_size=2)
BRANCHES = st.dictionaries(KEYS, LEAVES | st.dictionaries(KEYS, LEAVES, max_size=3), max_size=3)
TREES = st.dictionaries(KEYS, LEAVES | BRANCHES, max_size=4)


def leaves(tree, path=()):
    """Yield the path and value of everything in a tree that is not a mapping."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


@given(TREES, TREES)
def test_an_overlay_wins_and_the_rest_stays(base, over):
    merged = dict(leaves(overlay(base, over)))
    for path, value in leaves(over):
        assert merged[path] == value
    covered = {path[:end] for path, _ in leaves(over) for end in range(1, len(path) + 1)}
    for path, value in leaves(base):
        if not any(path[:end] in covered for end in range(1, len(path) + 1)) and _reachable(over, path):
            assert merged[path] == value


def _reachable(over, path):
    """Return whether nothing in the overlay replaces what the path leads through."""
    place = over
    for key in path:
        if key not in place:
            return True
        place = place[key]
        if not isinstance(place, dict):
            return False
    return False


@given(TREES)
def test_an_overlay_of_nothing_or_of_itself_changes_nothing(base):
    assert overlay(base, {}) == base
    assert overlay(base, base) == base
    assert overlay({}, base) == base


@given(TREES, TREES)
def test_an_overlay_shares_nothing_with_its_parts(base, over):
    before = copy.deepcopy((base, over))
    merged = overlay(base, over)
    for path, value in list(leaves(merged)):
        place = merged
        for key in path[:-1]:
            place = place[key]
        if isinstance(value, list):
            value.append(None)
        place[path[-1]] = "changed"
    assert (base, over) == before


@given(st.dictionaries(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")).map(".".join), st.integers()))
def test_dotted_keys_become_a_tree_with_the_same_leaves(dotted):
    assert {".".join(path): value for path, value in leaves(nested(dotted))} == dotted


VALUES = st.lists(st.integers(0, 999) | st.floats(0.001, 1), min_size=1, max_size=4, unique_by=str)


@given(
    st.dictionaries(st.sampled_from(["model.dropout", "model.width", "optimiser.rate", "epochs"]), VALUES, min_size=1)
)
def test_a_sweep_is_every_combination_and_changes_nothing_else(over):
    base = {
        "model": {"dropout": -1, "width": -1, "depth": 5},
        "optimiser": {"rate": -1},
        "epochs": -1,
        "sample": {"epochs": 2},
    }
    sweep = {"base": "base", "over": over, "name": "run" + "".join(f"-{{{key}}}" for key in over)}
    expanded = list(expand_sweep("one", sweep, {"base": base}, "file"))
    assert len(expanded) == prod(map(len, over.values()))
    names = {sweep_run_name(sweep["name"], values_at(over, run), "file") for run in expanded}
    assert len(names) == len(expanded)
    assert all(NAME.fullmatch(name) for name in names)
    for run in expanded:
        setting = values_at(over, run)
        assert set(setting) == set(over)
        assert all(value in over[key] for key, value in setting.items())
        assert run == overlay(base, nested(setting))
        assert {path for path, _ in leaves(run)} == {path for path, _ in leaves(base)}
        untouched = {path: value for path, value in leaves(run) if ".".join(path) not in over}
        assert untouched.items() <= dict(leaves(base)).items()


def test_sources_of_a_sweep_replace_those_of_its_base_as_a_whole():
    base = {"epochs": 9, "sources": {"course": ["epochs"]}, "tried": {"epochs": "Eight."}}
    sweep = {"base": "base", "over": {"epochs": [1]}, "name": "{epochs}"}
    (run,) = expand_sweep("one", sweep, {"base": base}, "file")
    assert run["sources"] == {"course": ["epochs"]}
    (run,) = expand_sweep("one", {**sweep, "sources": {"assumed": ["epochs"]}}, {"base": base}, "file")
    assert run["sources"] == {"assumed": ["epochs"]}


def test_other_keys_of_a_sweep_replace_those_of_its_base():
    sweep = {"base": "base", "over": {"epochs": [1, 2]}, "name": "{epochs}", "seeds": [5]}
    runs = list(expand_sweep("one", sweep, {"base": {"epochs": 9, "seeds": [0, 1]}}, "file"))
    assert runs == [{"epochs": 1, "seeds": [5]}, {"epochs": 2, "seeds": [5]}]


@pytest.mark.parametrize(
    ("value", "text"), [(0.3, "x-0.3"), (0.001, "x-0.001"), (1e-05, "x-1e-05"), (True, "x-true"), (3, "x-3")]
)
def test_values_in_names(value, text):
    assert sweep_run_name("x-{a.b}", {"a.b": value}, "file") == text


def test_a_list_in_a_name_is_refused():
    with pytest.raises(ConfigError, match="letters and digits"):
        sweep_run_name("x-{a}", {"a": [1, 2]}, "file")


def test_the_limit_of_a_sweep_is_stated_before_any_of_its_runs_is_made():
    sweep = {"base": "cnn", "over": {f"model.{name}": list(range(1000)) for name in "abcdefgh"}, "name": "x"}
    expected = r"^a\.yaml: key sweeps\.s\.over: gives 1( 000){8} runs, expected at most 10 000 in one sweep; shorten"
    with pytest.raises(ConfigError, match=expected):
        next(expand_sweep("s", sweep, {"cnn": {"model": {}}}, "a.yaml"))
    fewer = {**sweep, "over": {"model.a": list(range(100)), "model.b": list(range(100))}}
    assert sum(1 for _ in expand_sweep("s", fewer, {"cnn": {"model": {}}}, "a.yaml")) == MOST_RUNS


def test_the_limit_of_trainings_names_the_writeup_and_where_the_seeds_are_from():
    owner = replace(load_catalogue(ROOT).writeups["ocr"], runs={str(place): {} for place in range(1001)})
    check_trainings(owner, range(99), range(99))
    expected = r"^config/writeups/ocr\.yaml: key runs: with their seeds they are 100 100 trainings, .* at most 100 000"
    with pytest.raises(ConfigError, match=expected):
        check_trainings(owner, range(100), [0])
    with pytest.raises(ConfigError, match="with the seeds of the sample edition they are 100 100"):
        check_trainings(owner, [0], range(100))
