"""Shapes of parsed JSON: what a value must be before anything is looked up in it.

>>> problem({"outputs": None}, Keys({"outputs": HASHES}))
'key outputs: found None, expected an object'
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from rework.messages import key_path, short_text

Place = tuple[str | int, ...]
LONGEST = 200
"""Bytes in a part of a path; file systems refuse to look for much longer ones."""


@dataclass(frozen=True)
class Keys:
    """An object with these keys, of which the optional ones may be missing; it may have others."""

    needed: Mapping[str, Any]
    optional: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Each:
    """An object whose keys are of one shape, and whose values are of another."""

    key: Any
    value: Any


@dataclass(frozen=True)
class Items:
    """A list of things of one shape."""

    shape: Any


@dataclass(frozen=True)
class Fits:
    """A value that passes a test."""

    test: Callable[[Any], bool]
    words: str


def _text(value: Any) -> bool:
    """Return whether a value is a text that can be written: a lone half of a pair of surrogates cannot."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _number(value: Any) -> bool:
    return _whole(value) or (isinstance(value, float) and math.isfinite(value))


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _hash(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 64 and not set(value) - set("0123456789abcdef")


def _name(value: Any) -> bool:
    """Return whether a value is a path below the folder that it is meant for, as text."""
    if not _text(value) or not value.isprintable():
        return False
    path = PurePosixPath(value)
    short = all(len(part.encode()) <= LONGEST for part in path.parts) and len(path.parts) <= LONGEST
    return short and not path.is_absolute() and ".." not in path.parts and path.as_posix() == value and bool(path.name)


TEXT = Fits(_text, "a text")
NUMBER = Fits(_number, "a number")
WHOLE = Fits(_whole, "a whole number")
TRUTH = Fits(lambda value: isinstance(value, bool), "true or false")
HASH = Fits(_hash, "a SHA-256 of 64 hexadecimal digits")
NAME = Fits(_name, "the path of a file inside the results")
OBJECT = Each(TEXT, Fits(lambda _: True, "anything"))
NUMBER_OR_NULL = Fits(lambda value: value is None or _number(value), "a number or null")
TEXT_OR_NULL = Fits(lambda value: value is None or _text(value), "a text or null")
OBJECT_OR_NULL = Fits(lambda value: value is None or isinstance(value, dict), "an object or null")
HASHES = Each(NAME, HASH)


def printable(text: str) -> str:
    r"""Return the beginning of a text that may hold anything, in a line of a terminal.

    >>> printable("a\nb")
    'a?b'
    """
    return "".join(character if character.isprintable() else "?" for character in text[:1000])


def problem(value: Any, shape: Any) -> str | None:
    """Return what is wrong with the shape of a value, in a sentence, or None."""
    found = _unfit(value, shape, ())
    if found is None:
        return None
    place, said = found
    # A key may hold anything, in any length.
    return f"key {ascii(key_path(place))[1:-1]:.200}: {said}" if place else said


def _unfit(value: Any, shape: Any, place: Place) -> tuple[Place, str] | None:
    if isinstance(shape, Fits):
        return None if shape.test(value) else (place, _expected(value, shape.words))
    if isinstance(shape, Items):
        if not isinstance(value, list):
            return place, _expected(value, "a list")
        return _first(_unfit(item, shape.shape, (*place, number)) for number, item in enumerate(value))
    if not isinstance(value, dict):
        return place, _expected(value, "an object")
    if isinstance(shape, Each):
        for key, item in value.items():
            odd = _unfit(key, shape.key, place)
            if odd is not None:
                return place, f"has the key {ascii(short_text(key))[1:-1]}, expected {shape.key.words}"
            found = _unfit(item, shape.value, (*place, key))
            if found is not None:
                return found
        return None
    missing = next((key for key in shape.needed if key not in value), None)
    if missing is not None:
        return (*place, missing), "missing"
    shapes = {**shape.needed, **shape.optional}
    return _first(_unfit(value[key], inner, (*place, key)) for key, inner in shapes.items() if key in value)


def _first(found: Iterable[tuple[Place, str] | None]) -> tuple[Place, str] | None:
    return next((item for item in found if item is not None), None)


def _expected(value: Any, words: str) -> str:
    return f"found {ascii(short_text(value))[1:-1]}, expected {words}"
