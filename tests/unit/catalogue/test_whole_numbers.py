"""Whole numbers that are written as 8.0."""

import json

from hypothesis import given
from hypothesis import strategies as st
from rework.catalogue.whole_numbers import make_whole

RULES = {
    "properties": {
        "size": {"type": "integer"},
        "bytes": {"type": ["integer", "null"]},
        "rate": {"type": "number"},
        "seeds": {"$ref": "#/$defs/seeds"},
        "threads": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        "inner": {"additionalProperties": {"type": "integer"}},
        "free": {"type": "object"},
    }
}
DEFINITIONS = {"seeds": {"type": "array", "items": {"type": "integer"}}}


def made_whole(value):
    make_whole(value, RULES, DEFINITIONS)
    return json.dumps(value, sort_keys=True)


def test_they_become_whole_where_the_schema_asks_for_it_and_nowhere_else():
    value = {
        "size": 8.0, "bytes": 5.0, "rate": 8.0, "seeds": [1.0, 2], "threads": 4.0, "inner": {"a": 3.0},
        "free": {"b": 3.0}, "new": 1.0
    }  # fmt: skip
    expected = {
        "size": 8, "bytes": 5, "rate": 8.0, "seeds": [1, 2], "threads": 4, "inner": {"a": 3},
        "free": {"b": 3.0}, "new": 1.0
    }  # fmt: skip
    assert made_whole(value) == json.dumps(expected, sort_keys=True)


@given(st.lists(st.integers(0, 2**53)), st.integers(-(2**53), 2**53))
def test_numbers_with_and_without_a_point_are_the_same(seeds, size):
    plain = {"seeds": list(seeds), "size": size}
    pointed = {"seeds": [float(seed) for seed in seeds], "size": float(size)}
    assert made_whole(pointed) == made_whole(plain)
