"""Between frozen settings and plain JSON values, for every class of settings alike.

>>> @dataclass(frozen=True)
... class Probe(Settings):
...     every: int
...     layers: tuple[str, ...] = ()
>>> Probe(100, ("conv1",)).to_json()
'{"every":100,"layers":["conv1"]}'
>>> Probe.from_json({"every": 100, "layers": ["conv1"]})
Probe(every=100, layers=('conv1',))
>>> Probe.from_json({"every": "often"})
Traceback (most recent call last):
rework.errors.ConfigError: settings: key every: found 'often', expected a whole number
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, Self, Union, get_args, get_origin, get_type_hints

from rework.errors import ConfigError
from rework.files import canonical_json
from rework.messages import key_path, short_text, unknown_name

# What JSON, YAML and frozen settings hold; far quicker to tell than any Mapping or Sequence.
_MAPPINGS = (dict, MappingProxyType)
_LISTS = (list, tuple)


class Settings:
    """A frozen dataclass that travels as JSON: ``from_json(json.loads(settings.to_json())) == settings``.

    Its fields are bools, ints, floats, texts, ``Literal``, tuples, mappings with texts as keys, other dataclasses, and
    any of these ``| None``; ``Any`` takes whatever JSON holds. A class with mappings makes them read-only by itself, in
    ``__post_init__`` with ``freeze``, since it is built by hand too.
    """

    def to_json(self) -> str:
        """Return one line of canonical JSON."""
        return canonical_json(plain(self))

    @classmethod
    def from_json(cls, value: Any, where: str = "settings") -> Self:
        """Rebuild the settings from parsed JSON or YAML; what has a default may be missing.

        Args:
            value: the parsed value.
            where: how messages name its source.

        Raises:
            ConfigError: a key is unknown or missing, or its value has another type; the message gives the dotted key.
        """
        try:
            settings: Self = _reader(cls)(value)  # type: ignore[arg-type] # a class is hashable
        except _UnfitError as error:
            raise ConfigError(f"{where}: {error.sentence()}") from None
        return settings


def freeze(value: Any) -> Any:
    """Return ``value`` with dictionaries made read-only and lists made tuples, all the way down."""
    if isinstance(value, _MAPPINGS):
        return MappingProxyType({key: freeze(item) for key, item in value.items()})
    if isinstance(value, _LISTS):
        return tuple(freeze(item) for item in value)
    return value


def plain(value: Any) -> Any:
    """Return settings as dictionaries, lists and scalars (``asdict`` cannot copy read-only mappings)."""
    if is_dataclass(value):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, _MAPPINGS):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


class _UnfitError(Exception):
    """A value does not fit its type hint; each caller on the way out puts its key in front of ``path``."""

    def __init__(self, problem: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = path

    def inside(self, key: str | int) -> "_UnfitError":
        """Return the same error, seen from one level further out."""
        return _UnfitError(self.problem, (key, *self.path))

    def sentence(self) -> str:
        """Return the problem with its dotted key."""
        return f"key {key_path(self.path)}: {self.problem}" if self.path else self.problem


_Reader = Callable[[Any], Any]
_SCALARS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", NoneType: "null"}


@cache
def _reader(hint: Any) -> _Reader:
    """Return the function that reads a value of a type hint; kept, as a workflow reads thousands of few classes."""
    parts, origin = get_args(hint), get_origin(hint)
    if hint is Any:
        return lambda value: value
    if hint in _SCALARS:
        return _scalar_reader(hint)
    if origin is Literal:
        return _literal_reader(hint)
    if origin in (Union, UnionType):
        return _union_reader(hint)
    if origin is tuple:
        return _list_reader(parts[0]) if parts[1:] == (...,) else _fixed_list_reader(parts)
    if origin is Mapping:
        return _mapping_reader(parts[1])
    if is_dataclass(hint) and isinstance(hint, type):
        return _dataclass_reader(hint)
    raise TypeError(f"settings cannot hold {hint!r}: nothing reads it from JSON")


def _in_words(hint: Any) -> str:
    """Return what JSON must hold to fit a type hint."""
    parts, origin = get_args(hint), get_origin(hint)
    if origin is Literal:
        return f"one of {', '.join(map(str, parts))}"
    if origin in (Union, UnionType):
        return " or ".join(map(_in_words, parts))
    if origin is tuple:
        return "a list" if parts[1:] == (...,) else f"a list of {len(parts)}"
    return _SCALARS.get(hint, "keys with values")


def _unfit(value: Any, hint: Any) -> _UnfitError:
    return _UnfitError(f"found {short_text(value)}, expected {_in_words(hint)}")


def _scalar_reader(kind: type) -> _Reader:
    def read(value: Any) -> Any:
        # Not isinstance, for which True is an int.
        if type(value) is kind:
            return value
        if kind is float and type(value) is int:
            return float(value)
        raise _unfit(value, kind)

    return read


def _literal_reader(hint: Any) -> _Reader:
    options = get_args(hint)

    def read(value: Any) -> Any:
        for option in options:
            if value == option and type(value) is type(option):
                return option
        raise _unfit(value, hint)

    return read


def _union_reader(hint: Any) -> _Reader:
    optional = NoneType in get_args(hint)
    readers = [_reader(part) for part in get_args(hint) if part is not NoneType]

    def read(value: Any) -> Any:
        if value is None and optional:
            return None
        errors = []
        for reader in readers:
            try:
                return reader(value)
            except _UnfitError as error:
                errors.append(error)
        # With one form only, its own error says more, as it may lie deeper inside.
        raise _unfit(value, hint) if len(errors) > 1 or not errors[0].path else errors[0]

    return read


def _list_reader(hint: Any) -> _Reader:
    reader, exact = _reader(hint), {hint}

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, _LISTS):
            raise _unfit(value, tuple[hint, ...])
        if set(map(type, value)) <= exact:
            return tuple(value)
        items: list[Any] = []
        try:
            for item in value:
                items.append(reader(item))  # its length is the position of an error
        except _UnfitError as error:
            raise error.inside(len(items)) from None
        return tuple(items)

    return read


def _fixed_list_reader(hints: tuple[Any, ...]) -> _Reader:
    readers = [_reader(hint) for hint in hints]

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, _LISTS) or len(value) != len(readers):
            raise _unfit(value, tuple[hints])  # type: ignore[valid-type]
        return tuple(_entry(reader, key, item) for key, (reader, item) in enumerate(zip(readers, value, strict=True)))

    return read


def _mapping_reader(hint: Any) -> _Reader:
    reader = _reader(hint)

    def read(value: Any) -> Mapping[str, Any]:
        if not isinstance(value, _MAPPINGS):
            raise _unfit(value, Mapping[str, Any])
        if hint is Any:
            return value
        return {key: _entry(reader, key, item) for key, item in value.items()}

    return read


def _entry(reader: _Reader, key: str | int, value: Any) -> Any:
    try:
        return reader(value)
    except _UnfitError as error:
        raise error.inside(key) from None


def _dataclass_reader(kind: type) -> _Reader:
    hints = get_type_hints(kind)
    readers = {item.name: _reader(hints[item.name]) for item in fields(kind)}
    needed = [item.name for item in fields(kind) if item.default is MISSING and item.default_factory is MISSING]

    def read(value: Any) -> Any:
        if not isinstance(value, _MAPPINGS):
            raise _unfit(value, kind)
        values = {}
        for key, item in value.items():
            # What is of the very type of its field, as most values are, needs no reader: this is half of the time.
            if type(item) is hints.get(key):
                values[key] = item
                continue
            if key not in readers:
                raise _UnfitError(unknown_name("key", key, readers), (key,))
            try:
                values[key] = readers[key](item)
            except _UnfitError as error:
                raise error.inside(key) from None
        for name in needed:
            if name not in values:
                raise _UnfitError(f"missing; expected {_in_words(hints[name])}", (name,))
        return kind(**values)

    return read
