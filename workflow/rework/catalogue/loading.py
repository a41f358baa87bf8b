"""Reading YAML files; duplicate keys and syntax errors are reported with file and line."""

import re
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from rework.errors import ConfigError


class _Loader(yaml.CSafeLoader):
    """The C loader, but without its habit of letting a repeated key silently override the first."""

    shown: str


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: dict[Any, int] = {}
    for key_node, _ in node.value:
        if key_node.tag == "tag:yaml.org,2002:merge":
            continue
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise ConfigError(f"{loader.shown}, line {line}: key {key!r} is not text; put it in quotes")
        if key in seen:
            raise ConfigError(f"{loader.shown}, line {line}: key {key!r} is already on line {seen[key]}; remove one")
        seen[key] = line
    return loader.construct_mapping(node, deep=True)


def _fraction(loader: _Loader, node: yaml.ScalarNode) -> float:
    value: float = loader.construct_yaml_float(node)
    if not isfinite(value):
        raise _wrong_number(loader, node, "a finite number")
    if abs(value) >= _LIMIT:
        raise _wrong_number(loader, node, _BELOW_LIMIT)
    return value


def _whole(loader: _Loader, node: yaml.ScalarNode) -> int:
    # The length comes first, as Python reads no number of thousands of digits.
    if len(node.value) > _DIGITS or abs(loader.construct_yaml_int(node)) >= _LIMIT:
        raise _wrong_number(loader, node, _BELOW_LIMIT)
    value: int = loader.construct_yaml_int(node)
    return value


def _wrong_number(loader: _Loader, node: yaml.ScalarNode, expected: str) -> ConfigError:
    shown = node.value if len(node.value) <= _DIGITS else f"{node.value[:20]}…"
    return ConfigError(f"{loader.shown}, line {node.start_mark.line + 1}: found {shown}, expected {expected}")


# What numpy and torch hold as a whole number.
_LIMIT = 2**63
_BELOW_LIMIT = "a number below 2^63"
_DIGITS = 100
# PyYAML follows YAML 1.1, in which 1e-3 is text, but as a learning rate it is meant as a number.
_EXPONENT = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _EXPONENT, list("-+0123456789."))
_Loader.add_constructor("tag:yaml.org,2002:float", _fraction)
_Loader.add_constructor("tag:yaml.org,2002:int", _whole)
_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def as_number(value: Any) -> Any:
    """Return a text as the number that it is, and anything else as it is.

    >>> as_number("2"), as_number("2.0"), as_number("1e3"), as_number("two"), as_number(True)
    (2, 2.0, 1000.0, 'two', True)
    """
    if isinstance(value, str):
        for kind in (int, float):
            with suppress(ValueError):
                return kind(value)
    return value


def load_yaml(path: Path, shown: str) -> dict[str, Any]:
    """Return the mapping in a YAML file.

    Args:
        path: the file.
        shown: its name in messages, relative to the repository.

    Raises:
        ConfigError: the file is missing, is not YAML, has a duplicate key, or holds something other than a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{shown}: no such file") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown}: not UTF-8 text, at byte {error.start}; save it as UTF-8") from None
    loader = _Loader(text)
    loader.shown = shown
    try:
        value = loader.get_single_data()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{shown}{where}: not valid YAML: {getattr(error, 'problem', error)}") from None
    finally:
        loader.dispose()
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigError(f"{shown}: expected keys with values, found {type(value).__name__}")
    return value
