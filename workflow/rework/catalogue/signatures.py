"""Parameters of a model held against the signature that takes them, without importing its module (or torch).

A family of ``rework.models`` is trained by the loop and takes them in ``build``; one of ``rework.engines`` trains by
itself, without torch, and takes them in ``fit``.
"""

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from rework.catalogue.headers import Parameter, keyword_parameters
from rework.errors import ConfigError
from rework.messages import nearest, unknown_name

_LIBRARY = Path(__file__).resolve().parents[1]
MODELS = _LIBRARY / "models"
ENGINES = _LIBRARY / "engines"
# What a run must say besides its model and its data; an engine may need less.
TRAINING_KEYS = ("optimiser", "loss", "batch_size", "epochs")

# What the step ``evaluate`` measures of a run that the training loop trained.
EVALUATED_METRICS = (
    *("train_accuracy", "train_loss", "validation_accuracy", "validation_loss", "test_accuracy", "test_loss"),
    *("generalisation_gap", "small_weights_share"),
)
EVALUATED_WORD_METRICS = ("train_word_accuracy", "validation_word_accuracy", "test_word_accuracy")

_WORDS = {"int": "a whole number", "float": "a number", "str": "a text", "bool": "true or false"}


@cache
def build_parameters(family: str) -> dict[str, Parameter] | None:
    """Return the parameters of a model family, or None where there is no such family."""
    for folder, name in ((MODELS, "build"), (ENGINES, "fit")):
        for node in _statements(folder, family):
            if isinstance(node, ast.FunctionDef) and node.name == name:
                return keyword_parameters(node)
    return None


@cache
def training_keys(family: str) -> tuple[str, ...]:
    """Return which of ``TRAINING_KEYS`` a run with this family needs; an engine says so in its constant ``READS``."""
    reads = _engine_constant(family, "READS")
    return TRAINING_KEYS if reads is None else reads


@cache
def measured_metrics(family: str, words: bool) -> tuple[str, ...]:
    """Return the metrics of a run with this family, whose data set may have ``words``; an engine's are ``METRICS``."""
    metrics = _engine_constant(family, "METRICS")
    if metrics is not None:
        return metrics
    return EVALUATED_METRICS + EVALUATED_WORD_METRICS if words else EVALUATED_METRICS


def families() -> list[str]:
    """Return the names of all model families: the modules with a ``build`` or ``fit`` function."""
    names = sorted(path.stem.replace("_", "-") for folder in (MODELS, ENGINES) for path in folder.glob("[a-z]*.py"))
    return [name for name in names if build_parameters(name) is not None]


def _engine_constant(family: str, name: str) -> tuple[str, ...] | None:
    """Return a constant at the top of an engine's module, or None where there is none."""
    for node in _statements(ENGINES, family):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name and node.value is not None:
            return tuple(ast.literal_eval(node.value))
    return None


@cache
def _statements(folder: Path, family: str) -> list[ast.stmt]:
    path = folder / f"{family.replace('-', '_')}.py"
    return ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []


def check_parameters(family: str, parameters: Mapping[str, Any], where: str) -> None:
    """Hold the parameters that the configuration gives against the family's ``build`` function.

    Raises:
        ConfigError: there is no such family, a parameter is unknown, missing, or of another type.
    """
    known = build_parameters(family)
    if known is None:
        raise ConfigError(f"{where}.name: {unknown_name('model', family, families())}")
    check_arguments(parameters, known, where, f"model {family!r}", "parameter")


def check_arguments(
    values: Mapping[str, Any], known: Mapping[str, Parameter], where: str, owner: str, kind: str
) -> None:
    """Hold values of the configuration against the parameters of the function that will take them.

    Args:
        values: by name.
        known: the parameters of the function.
        where: the file and the key of the values.
        owner: what the function belongs to, as in "model 'cnn'".
        kind: what its owner calls such a value, as in "parameter".

    Raises:
        ConfigError: a value is unknown, missing, or of another type.
    """
    for name, value in values.items():
        if name not in known:
            names = ", ".join(known) or "none"
            raise ConfigError(
                f"{where}.{name}: {owner} has no such {kind}; expected one of {names}{nearest(name, known)}"
            )
        if not fits(value, known[name].annotation):
            raise ConfigError(f"{where}.{name}: found {value!r}, expected {in_words(known[name].annotation)}")
    missing = [name for name, parameter in known.items() if parameter.required and name not in values]
    if missing:
        raise ConfigError(
            f"{where}: {owner} needs the {kind} {missing[0]!r} ({in_words(known[missing[0]].annotation)})"
        )


def fits(value: Any, annotation: str) -> bool:
    """Return whether a value from YAML fits an annotation made of bool, int, float, str, None, tuple and Literal."""
    return _fits(value, ast.parse(annotation, mode="eval").body)


def in_words(annotation: str) -> str:
    """Return what a value in the configuration must be to fit an annotation."""
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
        kinds: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "str": (str,)}
        return isinstance(value, kinds.get(node.id, ()))
    return False
