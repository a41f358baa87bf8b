"""Values from YAML held against the type hints of the functions that take them, by their text and without importing.

A hint is made of bool, int, float, str, None, ``Literal``, tuples, mappings with texts as keys, the names in
``rework.settings.ranges``, and ``Annotated[int, Range(least=1, most=5)]`` for a range that has no name there.
"""

import ast
from collections.abc import Mapping
from functools import cache
from math import isfinite
from typing import Any

from rework.settings.ranges import RANGES, Range

_WORDS = {"int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false"}
_EVERYTHING = Range()


class UnfitError(ValueError):
    """A value does not fit a hint."""


def fitted(value: Any, hint: str) -> Any:
    """Return a value as its hint has it: 8.0 is 8 where a whole number is asked for, and nothing else changes.

    >>> fitted([32.0, 64], "tuple[int, ...]"), fitted(8.0, "float"), fitted("max", "Literal['max', 'average']")
    ([32, 64], 8.0, 'max')

    Raises:
        UnfitError: it does not fit; ``in_words`` says what would.
    """
    return _fitted(value, _tree(hint))


def fits(value: Any, hint: str) -> bool:
    """Return whether a value fits a hint.

    >>> fits([32, 64], "tuple[int, int]"), fits(True, "int"), fits(8.5, "int")
    (True, False, False)
    >>> fits([32, 0], "tuple[Count, ...]"), fits(0.5, "Dropout"), fits(1.0, "Dropout")
    (False, True, False)
    """
    try:
        fitted(value, hint)
    except UnfitError:
        return False
    return True


def in_words(hint: str) -> str:
    """Return in words what a value must be to fit a hint.

    >>> in_words("tuple[Annotated[int, Range(least=1, most=5)], ...] | None")
    'a list, each entry a whole number from 1 to 5 or null'
    """
    return _in_words(_tree(hint))


@cache
def _tree(hint: str) -> ast.expr:
    return ast.parse(hint, mode="eval").body


def _number(node: ast.expr) -> tuple[str, Range] | None:
    """Return the type and the range of a hint for numbers, or None for another."""
    if isinstance(node, ast.Name):
        if node.id in RANGES:
            kind, limits = RANGES[node.id]
            return kind.__name__, limits
        return (node.id, _EVERYTHING) if node.id in ("int", "float") else None
    head, parts = _parts(node)
    if head != "Annotated":
        return None
    call = parts[1]
    assert isinstance(call, ast.Call), ast.unparse(node)
    return ast.unparse(parts[0]), Range(**{str(limit.arg): ast.literal_eval(limit.value) for limit in call.keywords})


def _parts(node: ast.expr) -> tuple[str, list[ast.expr]]:
    """Return what stands before the brackets of a hint and what within, or its text and nothing without brackets."""
    if isinstance(node, ast.Subscript):
        return ast.unparse(node.value), node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return ast.unparse(node), []


def _is_dots(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _in_words(node: ast.expr) -> str:
    if isinstance(node, ast.BinOp):
        return f"{_in_words(node.left)} or {_in_words(node.right)}"
    if isinstance(node, ast.Constant):
        return "null" if node.value is None else str(node.value)
    if number := _number(node):
        return f"{_WORDS[number[0]]} {number[1]}".rstrip()
    head, parts = _parts(node)
    if head == "Literal":
        return f"one of {', '.join(map(_in_words, parts))}"
    if head == "Mapping":
        return f"keys, each with {_in_words(parts[1])}"
    if parts:
        entries = [_in_words(part) for part in parts if not _is_dots(part)]
        return f"a list, each entry {entries[0]}" if len(entries) < len(parts) else f"a list of {', '.join(entries)}"
    return _WORDS.get(head, head)


def _fitted(value: Any, node: ast.expr) -> Any:
    if isinstance(node, ast.BinOp):
        try:
            return _fitted(value, node.left)
        except UnfitError:
            return _fitted(value, node.right)
    if number := _number(node):
        return _fitted_number(value, *number)
    head, parts = _parts(node)
    if head == "Any":
        return value
    if head == "Literal":
        if any(isinstance(part, ast.Constant) and _is(value, part.value) for part in parts):
            return value
    elif head == "Mapping" and isinstance(value, Mapping):
        return {key: _fitted(item, parts[1]) for key, item in value.items()}
    elif head == "tuple" and isinstance(value, list | tuple):
        if _is_dots(parts[-1]):
            return [_fitted(item, parts[0]) for item in value]
        if len(value) == len(parts):
            return [_fitted(item, part) for item, part in zip(value, parts, strict=True)]
    elif head in ("str", "bool", "None") and type(value).__name__ == head.replace("None", "NoneType"):
        return value
    raise UnfitError


def _is(value: Any, constant: Any) -> bool:
    return type(value) is type(constant) and value == constant


def _fitted_number(value: Any, kind: str, limits: Range) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise UnfitError
    number = int(value) if kind == "int" and isinstance(value, float) and value.is_integer() else value
    if (kind == "int" and not isinstance(number, int)) or not limits.holds(number):
        raise UnfitError
    return number
