"""Checking the parameters of a model against the signature that takes them, without importing its module (or torch).

A family in ``rework.models`` is trained by the loop and takes them in ``build``; one in ``rework.engines`` has its own
training, without torch, and takes them in ``fit``.
"""

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from rework.catalogue.headers import Parameter, keyword_parameters
from rework.errors import ConfigError
from rework.messages import nearest, unknown_name
from rework.settings.ranges import RANGES

_LIBRARY = Path(__file__).resolve().parents[1]
MODELS = _LIBRARY / "models"
ENGINES = _LIBRARY / "engines"
_WORDS = {"int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false"}


def build_parameters(family: str) -> dict[str, Parameter] | None:
    """Return the parameters of a model family, or None if there is no such family."""
    module = f"{family.replace('-', '_')}.py"
    built = function_parameters(MODELS / module, "build")
    return function_parameters(ENGINES / module, "fit") if built is None else built


def families() -> list[str]:
    """Return the names of all model families: modules with a function ``build`` or ``fit``."""
    names = sorted(path.stem.replace("_", "-") for folder in (MODELS, ENGINES) for path in folder.glob("[a-z]*.py"))
    return [name for name in names if build_parameters(name) is not None]


@cache
def statements(path: Path) -> list[ast.stmt]:
    """Return the statements of a module; none if it does not exist."""
    return ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []


def function_parameters(path: Path, name: str) -> dict[str, Parameter] | None:
    """Return the keyword-only parameters of a module's function, or None if there is no such function."""
    for node in statements(path):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return keyword_parameters(node)
    return None


def check_parameters(family: str, parameters: Mapping[str, Any], where: str) -> None:
    """Check the parameters in the configuration against those of the model family.

    Raises:
        ConfigError: there is no such family, or a parameter is unknown, missing or of the wrong type.
    """
    known = build_parameters(family)
    if known is None:
        raise ConfigError(f"{where}.name: {unknown_name('model', family, families())}")
    check_arguments(parameters, known, where, f"model {family!r}", "parameter")


def check_arguments(
    values: Mapping[str, Any], known: Mapping[str, Parameter], where: str, owner: str, kind: str
) -> None:
    """Check values in the configuration against the parameters of the function that will take them.

    Args:
        values: by name.
        known: the parameters of the function.
        where: the file and the key of the values.
        owner: what the function belongs to in messages, such as "model 'cnn'".
        kind: what such a value is called in messages, such as "parameter".

    Raises:
        ConfigError: a value is unknown, missing or of the wrong type.
    """
    for name, value in values.items():
        if name not in known:
            names = ", ".join(known) or "none"
            raise ConfigError(
                f"{where}.{name}: {owner} has no such {kind}; expected one of {names}{nearest(name, known)}"
            )
        if not fits(value, known[name].annotation):  # a range is a part of it
            raise ConfigError(f"{where}.{name}: found {value!r}, expected {in_words(known[name].annotation)}")
    missing = [name for name, parameter in known.items() if parameter.required and name not in values]
    if missing:
        raise ConfigError(
            f"{where}: {owner} needs the {kind} {missing[0]!r} ({in_words(known[missing[0]].annotation)})"
        )


def fits(value: Any, annotation: str) -> bool:
    """Return whether a value from YAML fits an annotation.

    It is made of bool, int, float, str, None, tuple, Literal and the names of ``rework.settings.ranges``.

    >>> fits([32, 64], "tuple[int, int]"), fits("max", "Literal['max', 'average']"), fits(True, "int")
    (True, True, False)
    >>> fits([32, 0], "tuple[Count, ...]"), fits(0.5, "Dropout"), fits(1.0, "Dropout")
    (False, True, False)
    """
    return _fits(value, ast.parse(annotation, mode="eval").body)


def in_words(annotation: str) -> str:
    """Return in words what a value in the configuration must be to fit an annotation."""
    return _in_words(ast.parse(annotation, mode="eval").body)


def _in_words(node: ast.expr) -> str:
    if isinstance(node, ast.BinOp):
        return f"{_in_words(node.left)} or {_in_words(node.right)}"
    if isinstance(node, ast.Constant):
        return "null" if node.value is None else str(node.value)
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if node.value.id == "Literal":
            return f"one of {', '.join(map(_in_words, items))}"
        entries = [_in_words(item) for item in items if not (isinstance(item, ast.Constant) and item.value is Ellipsis)]
        return f"a list, each entry {entries[0]}" if len(entries) < len(items) else f"a list of {', '.join(entries)}"
    if isinstance(node, ast.Name) and node.id in RANGES:
        kind, limits = RANGES[node.id]
        return f"{_WORDS[kind.__name__]} {limits}"
    return _WORDS.get(ast.unparse(node), ast.unparse(node))


def _fits(value: Any, node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _fits(value, node.left) or _fits(value, node.right)
    if isinstance(node, ast.Constant):
        return value is None if node.value is None else value == node.value
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if node.value.id == "Literal":
            return any(_fits(value, item) for item in items)
        if node.value.id == "tuple" and isinstance(value, list | tuple):
            if len(items) == 2 and isinstance(items[1], ast.Constant) and items[1].value is Ellipsis:
                return all(_fits(element, items[0]) for element in value)
            return len(value) == len(items) and all(map(_fits, value, items))
        return False
    if isinstance(node, ast.Name):
        if node.id == "Any":
            return True
        if isinstance(value, bool):
            return node.id == "bool"
        kind, limits = RANGES.get(node.id, (None, None))
        kinds: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "str": (str,)}
        right = isinstance(value, kinds.get(node.id if kind is None else kind.__name__, ()))
        return right and (limits is None or limits.holds(value))
    return False
