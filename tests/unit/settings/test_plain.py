"""Settings of every class survive JSON, and anything else is refused with its dotted key."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as some
from rework.errors import ConfigError
from rework.settings.artefact import ArtefactSettings
from rework.settings.data import AssetSettings, DatasetSettings
from rework.settings.plain import Settings, freeze, plain
from rework.settings.run import RunSettings

CLASSES = (RunSettings, DatasetSettings, AssetSettings, ArtefactSettings)
NUMBERS = some.floats(allow_nan=False, allow_infinity=False)
SCALARS = {
    bool: some.booleans(),
    int: some.integers(),
    float: NUMBERS,
    str: some.text(max_size=5),
    type(None): some.none(),
}
JSON = some.recursive(
    some.one_of(*SCALARS.values()),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@dataclass(frozen=True)
class Layer:
    """Part of the settings below."""

    name: str
    rate: float = 0.5


@dataclass(frozen=True)
class Everything(Settings):
    """One field of every form that settings may have."""

    switch: bool
    count: int
    kind: Literal["a", "b", 3]
    size: tuple[int, float]
    layers: tuple[Layer, ...] = ()
    first: Layer | None = None
    threads: int | Literal["auto"] = 1
    rates: Mapping[str, float] = field(default_factory=dict)
    parts: Mapping[str, Layer] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        object.__setattr__(self, "options", freeze(self.options))


def of(hint):
    """Return a strategy for values of a type hint."""
    parts = get_args(hint)
    if hint is Any:
        return JSON.map(freeze)
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return some.builds(hint, **{item.name: of(hints[item.name]) for item in fields(hint)})
    if hint in SCALARS:
        return SCALARS[hint]
    if get_origin(hint) is Literal:
        return some.sampled_from(parts)
    if get_origin(hint) is tuple:
        return some.lists(of(parts[0]), max_size=3).map(tuple) if parts[1:] == (...,) else some.tuples(*map(of, parts))
    if get_origin(hint) is Mapping:
        return some.dictionaries(some.text(max_size=5), of(parts[1]), max_size=3)
    return some.one_of(*map(of, parts))


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*CLASSES, Everything])
@given(data=some.data())
def test_settings_survive_json(kind, data):
    settings = data.draw(of(kind))
    text = settings.to_json()
    again = kind.from_json(json.loads(text))
    assert again == settings
    assert again.to_json() == text


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*CLASSES, Everything])
@given(data=some.data())
def test_a_key_that_is_unknown_or_missing_is_named(kind, data):
    value = json.loads(data.draw(of(kind)).to_json())
    with pytest.raises(ConfigError, match="by hand: key colour: unknown key 'colour'; expected one of "):
        kind.from_json({**value, "colour": 1}, "by hand")
    needed = next(item.name for item in fields(kind))
    del value[needed]
    with pytest.raises(ConfigError, match=f"by hand: key {needed}: missing; expected "):
        kind.from_json(value, "by hand")


GOOD = {"switch": True, "count": 1, "kind": "a", "size": [1, 2.0]}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"switch": 1}, "key switch: found 1, expected true or false"),
        ({"count": True}, "key count: found True, expected a whole number"),
        ({"count": 1.0}, "key count: found 1.0, expected a whole number"),
        ({"count": None}, "key count: found None, expected a whole number"),
        ({"kind": "c"}, "key kind: found 'c', expected one of a, b, 3"),
        ({"kind": ["a"]}, r"key kind: found \['a'\], expected one of a, b, 3"),
        ({"size": [1]}, r"key size: found \[1\], expected a list of 2"),
        ({"size": [1, "2"]}, r"key size\[1\]: found '2', expected a number"),
        ({"layers": {"name": "x"}}, "key layers: found .*, expected a list"),
        ({"layers": [{"name": "x"}, {"name": 1}]}, r"key layers\[1\].name: found 1, expected a text"),
        ({"layers": [{"rate": 1}]}, r"key layers\[0\].name: missing; expected a text"),
        (
            {"first": {"nmae": "x"}},
            "key first.nmae: unknown key 'nmae'; expected one of name, rate; did you mean 'name'",
        ),
        ({"first": 1}, "key first: found 1, expected keys with values or null"),
        ({"threads": "all"}, "key threads: found 'all', expected a whole number or one of auto"),
        ({"rates": {"x": None}}, "key rates.x: found None, expected a number"),
        ({"parts": {"x": {}}}, "key parts.x.name: missing"),
        ({"options": []}, r"key options: found \[\], expected keys with values"),
    ],
)
def test_what_does_not_fit_is_named_by_its_dotted_key(wrong, message):
    assert Everything.from_json(GOOD).size == (1, 2.0)
    with pytest.raises(ConfigError, match=f"^settings: {message}"):
        Everything.from_json({**GOOD, **wrong})


@pytest.mark.parametrize("value", [None, 3, "text", [GOOD]])
def test_something_else_than_keys_with_values(value):
    with pytest.raises(ConfigError, match=r"^settings: found .*, expected keys with values$"):
        Everything.from_json(value)


def test_whole_numbers_become_what_the_field_declares():
    rate = Everything.from_json({**GOOD, "first": {"name": "x", "rate": 1}}).first.rate
    assert type(rate) is float


def test_a_hint_that_json_cannot_hold_is_a_mistake_of_the_class():
    @dataclass(frozen=True)
    class Wrong(Settings):
        names: frozenset[str]

    with pytest.raises(TypeError, match="settings cannot hold frozenset"):
        Wrong.from_json({"names": []})


def test_mappings_and_lists_are_read_only_all_the_way_down():
    frozen = freeze({"a": [1, {"b": [2]}]})
    assert plain(frozen) == {"a": [1, {"b": [2]}]}
    with pytest.raises(TypeError):
        frozen["a"][1]["b"] = 3
