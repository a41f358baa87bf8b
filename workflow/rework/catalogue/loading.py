"""Reading YAML files; duplicate keys and syntax errors are reported with file and line."""

import re
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from rework.errors import ConfigError
from rework.messages import key_path, short_text
from rework.system_faults import fault_sentence


class _Loader(yaml.CSafeLoader):
    """The C loader, but without its habit of letting a repeated key silently override the first."""

    shown: str


class _WrongValueError(Exception):
    """A value that is refused as it is read; the reader of the file adds where it is."""

    def __init__(self, node: yaml.Node, said: str) -> None:
        super().__init__(said)
        self.node = node


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
    if ":" in node.value:
        raise _wrong_number(node, _DECIMAL)
    value: float = loader.construct_yaml_float(node)
    if not isfinite(value):
        raise _wrong_number(node, "a finite number")
    if abs(value) >= _LIMIT:
        raise _wrong_number(node, _BELOW_LIMIT)
    return value


def _whole(loader: _Loader, node: yaml.ScalarNode) -> int:
    # The length comes first, as Python reads no number of thousands of digits.
    if len(node.value) > _DIGITS:
        raise _wrong_number(node, _BELOW_LIMIT)
    if ":" in node.value or _OCTAL.match(node.value):
        raise _wrong_number(node, _DECIMAL)
    value: int = loader.construct_yaml_int(node)
    if abs(value) >= _LIMIT:
        raise _wrong_number(node, _BELOW_LIMIT)
    return value


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    text: str = loader.construct_scalar(node)
    if not text.strip():
        raise _WrongValueError(node, "a text is blank; write null, or leave the key out")
    if control := _CONTROL.search(text):
        raise _WrongValueError(node, f"a text contains a control character, U+{ord(control[0]):04X}")
    if len(text) > _LONGEST:
        raise _WrongValueError(node, f"a text has {len(text):,} characters, expected at most {_LONGEST:,}")
    # Many words are names of files, of which no system takes more; addresses may be longer.
    if len(text) > _LONGEST_WORD and not _SEVERAL.search(text):
        raise _WrongValueError(
            node, f"a text is one word of {len(text):,} characters, expected at most {_LONGEST_WORD}"
        )
    return text


def _wrong_number(node: yaml.ScalarNode, expected: str) -> _WrongValueError:
    shown = node.value if len(node.value) <= _DIGITS else f"{node.value[:20]}…"
    return _WrongValueError(node, f"found {shown}, expected {expected}")


def _key_of(wanted: yaml.Node, node: yaml.Node, path: tuple[str | int, ...] = ()) -> tuple[str | int, ...] | None:
    """Return the keys that lead to a node, to the first of its places if it has several; None if it is not within."""
    if node is wanted:
        return path
    if isinstance(node, yaml.MappingNode):
        parts = [((*path, str(key.value)), value) for key, value in node.value]
        if any(key is wanted for key, _ in node.value):
            return path
    elif isinstance(node, yaml.SequenceNode):
        parts = [((*path, place), value) for place, value in enumerate(node.value)]
    else:
        return None
    return next((found for inner, value in parts if (found := _key_of(wanted, value, inner)) is not None), None)


def _placed(error: _WrongValueError, root: yaml.Node, shown: str) -> ConfigError:
    """Return a refusal with the file, the line and the key."""
    found = _key_of(error.node, root)
    key = f" key {short_text(key_path(found))[1:-1]}:" if found else ""
    return ConfigError(f"{shown}, line {error.node.start_mark.line + 1}:{key} {error}")


# What numpy and torch hold as a whole number.
_LIMIT = 2**63
_BELOW_LIMIT = "a number below 2^63"
_DIGITS = 100
_LONGEST, _LONGEST_WORD = 4_000, 250
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SEVERAL = re.compile(r"\s|://")
_DEEPEST = 64
_BRACKETS = re.compile(r"[][{}]")
# Blocks within blocks: far indented, or several on one line.
_DEEP_BLOCKS = re.compile(r"^ {64}|(?:[-?:]\s+){32}", re.MULTILINE)
# Bytes of a file: a hundred times those of the largest.
_LARGEST = 2**23
# In YAML 1.1, 010 is 8 and 1:30 is 90, which is hardly what their writer meant.
_OCTAL = re.compile(r"[-+]?0[0-9_]")
_DECIMAL = "a number without leading zeros and colons, which YAML 1.1 reads as octal or as minutes, or text in quotes"
# PyYAML follows YAML 1.1, in which 1e-3 is text, but as a learning rate it is meant as a number.
_EXPONENT = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _EXPONENT, list("-+0123456789."))
_Loader.add_constructor("tag:yaml.org,2002:float", _fraction)
_Loader.add_constructor("tag:yaml.org,2002:int", _whole)
# A date is the text that it looks like: no setting is a day, and JSON has none.
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _text)
_Loader.add_constructor("tag:yaml.org,2002:str", _text)
_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _check_depth(text: str, shown: str) -> None:
    """Refuse a text that is nested so deeply that the C loader would end the process.

    Most files are seen to be flat at once; only of others does the parser, which has no such limit, tell the depth.
    """
    open_brackets = deepest = 0
    for sign in _BRACKETS.findall(text):
        open_brackets = max(0, open_brackets + (1 if sign in "[{" else -1))
        deepest = max(deepest, open_brackets)
    if deepest <= _DEEPEST and not _DEEP_BLOCKS.search(text):
        return
    depth = 0
    with suppress(yaml.YAMLError):  # which the loader reports
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                where = f", line {event.start_mark.line + 1}" if event.start_mark else ""
                raise ConfigError(f"{shown}{where}: nested more than {_DEEPEST} deep, which no configuration is")


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
        if path.stat().st_size > _LARGEST:
            raise ConfigError(f"{shown}: has {path.stat().st_size:,} bytes, expected at most {_LARGEST:,}")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{shown}: no such file") from None
    except OSError as error:
        raise ConfigError(fault_sentence(error, Path(shown))) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown}: not UTF-8 text, at byte {error.start}; save it as UTF-8") from None
    _check_depth(text, shown)
    loader = _Loader(text)
    loader.shown = shown
    try:
        root = loader.get_single_node()
        value = None if root is None else loader.construct_document(root)
    except _WrongValueError as error:
        raise _placed(error, root or error.node, shown) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", None) or error).split())
        raise ConfigError(f"{shown}{where}: not valid YAML: {problem}") from None
    except (ValueError, ArithmeticError, LookupError, TypeError) as error:
        # A value with a tag, such as !!int, that is none.
        raise ConfigError(f"{shown}: not valid YAML: {' '.join(str(error).split())[:200]}") from None
    finally:
        loader.dispose()
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigError(f"{shown}: expected keys with values, found {type(value).__name__}")
    return value
