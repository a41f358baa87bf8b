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
from rework.catalogue.hints import UnfitError, fitted, in_words
from rework.errors import ConfigError
from rework.messages import nearest, short_text, unknown_name

_LIBRARY = Path(__file__).resolve().parents[1]
MODELS = _LIBRARY / "models"
ENGINES = _LIBRARY / "engines"


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


def checked_parameters(family: str, parameters: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return the parameters in the configuration as the model family takes them, after checking them.

    Raises:
        ConfigError: there is no such family, or a parameter is unknown, missing, of the wrong type or out of its range.
    """
    known = build_parameters(family)
    if known is None:
        raise ConfigError(f"{where}.name: {unknown_name('model', family, families())}")
    return checked_arguments(parameters, known, where, f"model {family!r}", "parameter")


def checked_arguments(
    values: Mapping[str, Any], known: Mapping[str, Parameter], where: str, owner: str, kind: str
) -> dict[str, Any]:
    """Return values in the configuration as the function that will take them has them, after checking them.

    Whole numbers that are written as 8.0 become 8 where the function takes whole numbers.

    Args:
        values: by name.
        known: the parameters of the function.
        where: the file and the key of the values.
        owner: what the function belongs to in messages, such as "model 'cnn'".
        kind: what such a value is called in messages, such as "parameter".

    Raises:
        ConfigError: a value is unknown, missing, of the wrong type or out of its range.
    """
    checked = {}
    for name, value in values.items():
        if name not in known:
            names = ", ".join(known) or "none"
            raise ConfigError(
                f"{where}.{name}: {owner} has no such {kind}; expected one of {names}{nearest(name, known)}"
            )
        hint = known[name].annotation
        try:
            checked[name] = fitted(value, hint)
        except UnfitError:
            raise ConfigError(f"{where}.{name}: found {short_text(value)}, expected {in_words(hint)}") from None
    missing = [name for name, parameter in known.items() if parameter.required and name not in values]
    if missing:
        raise ConfigError(
            f"{where}: {owner} needs the {kind} {missing[0]!r} ({in_words(known[missing[0]].annotation)})"
        )
    return checked
