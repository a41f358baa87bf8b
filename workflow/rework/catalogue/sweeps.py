"""Expanding sweeps into runs, and overlaying mappings."""

import copy
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from math import prod
from operator import getitem
from typing import Any

from rework.catalogue.names import NAME
from rework.errors import ConfigError
from rework.messages import unknown_name, with_blanks

MOST_RUNS = 10_000
"""Runs of one sweep: more take longer to plan than anybody would train."""
_FIELD = re.compile(r"\{([^{}]*)\}")


def overlay(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` with the values of ``over``: nested mappings are merged, everything else is replaced.

    >>> overlay({"model": {"name": "cnn", "dropout": 0.4}, "seeds": 5}, {"model": {"dropout": 0.2}})
    {'model': {'name': 'cnn', 'dropout': 0.2}, 'seeds': 5}
    """
    merged = {key: copy.deepcopy(value) for key, value in base.items()}
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = (
            overlay(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else copy.deepcopy(value)
        )
    return merged


def nested(dotted: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping with dotted keys as nested mappings.

    >>> nested({"model.dropout": 0.3, "model.name": "cnn", "epochs": 5})
    {'model': {'dropout': 0.3, 'name': 'cnn'}, 'epochs': 5}
    """
    result: dict[str, Any] = {}
    for key, value in dotted.items():
        *parents, last = key.split(".")
        place = result
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return result


def values_at(keys: Iterable[str], table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value at each dotted key of nested mappings.

    >>> values_at(["model.dropout", "epochs"], {"model": {"dropout": 0.3, "name": "cnn"}, "epochs": 5})
    {'model.dropout': 0.3, 'epochs': 5}
    """
    return {key: reduce(getitem, key.split("."), table) for key in keys}


def dotted(table: Mapping[str, Any], *parents: str) -> dict[str, Any]:
    """Return nested mappings as one mapping with dotted keys.

    >>> dotted({"model": {"dropout": 0.3, "name": "cnn"}, "epochs": 5})
    {'model.dropout': 0.3, 'model.name': 'cnn', 'epochs': 5}
    """
    found: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            found |= dotted(value, *parents, key)
        else:
            found[".".join((*parents, key))] = value
    return found


def expand_sweep(
    name: str, sweep: Mapping[str, Any], runs: Mapping[str, Mapping[str, Any]], shown: str
) -> Iterator[dict[str, Any]]:
    """Yield a run for every combination in ``over``: the base run with these values replaced.

    Other keys of the sweep replace those of the base run too, except for ``name`` and ``label``: these are patterns for
    ``sweep_run_name`` and ``sweep_run_label``. ``sources`` are replaced as a whole, because a setting has one only.

    >>> sweep = {"base": "cnn", "over": {"model.dropout": [0.2, 0.4]}, "name": "cnn-{model.dropout}"}
    >>> for run in expand_sweep("dropout", sweep, {"cnn": {"model": {"dropout": 0}, "epochs": 5}}, "a.yaml"):
    ...     print(run)
    {'model': {'dropout': 0.2}, 'epochs': 5}
    {'model': {'dropout': 0.4}, 'epochs': 5}

    Raises:
        ConfigError: the base run is unknown or has no place for a key in ``over``, or there are too many combinations.
    """
    where = f"{shown}: key sweeps.{name}"
    base_name, over = sweep["base"], sweep["over"]
    if base_name not in runs:
        raise ConfigError(f"{where}.base: {unknown_name('run', base_name, runs)}")
    changes = {key: value for key, value in sweep.items() if key not in ("base", "over", "name", "label")}
    kept = {key: value for key, value in runs[base_name].items() if key != "sources" or key not in changes}
    base = overlay(kept, changes)
    base.pop("label", None)  # it belongs to the base run alone
    for key in over:
        _check_place(key, base, where)
    count = prod(map(len, over.values()))
    if count > MOST_RUNS:
        raise ConfigError(
            f"{where}.over: gives {with_blanks(count)} runs, expected at most {with_blanks(MOST_RUNS)} in one sweep; "
            "shorten a list"
        )
    for values in itertools.product(*over.values()):
        yield overlay(base, nested(dict(zip(over, values, strict=True))))


def sweep_run_name(pattern: str, setting: Mapping[str, Any], where: str) -> str:
    """Return a run's name: the sweep's pattern with the value of each dotted key in braces.

    >>> sweep_run_name("cnn-{model.dropout}", {"model.dropout": 0.3}, "a.yaml: key sweeps.dropout.name")
    'cnn-0.3'

    Raises:
        ConfigError: the pattern names a key that is not in ``over``, or the result is not a valid name.
    """
    name = _filled(pattern, {key: str(value).lower() for key, value in setting.items()}, where)
    if not NAME.fullmatch(name):
        raise ConfigError(f"{where}: gives {name!r}, expected letters and digits, joined by -, _ or .")
    return name


def sweep_run_label(sweep: Mapping[str, Any], setting: Mapping[str, Any], where: str) -> str | None:
    """Return a run's label from the sweep's pattern, or None if the sweep has none.

    Raises:
        ConfigError: the pattern names a key that is not in ``over``.
    """
    return _filled(sweep["label"], setting, where) if "label" in sweep else None


def _filled(pattern: str, setting: Mapping[str, Any], where: str) -> str:
    """Return a pattern with the value of each dotted key in braces."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in setting:
            raise ConfigError(f"{where}: {unknown_name('key of over', match[1], setting)}")
        return str(setting[match[1]])

    return _FIELD.sub(value, pattern)


def _check_place(key: str, base: Mapping[str, Any], where: str) -> None:
    """Refuse a dotted key whose parents in the base run are missing or are not mappings."""
    *parents, _ = key.split(".")
    place: Any = base
    for parent in parents:
        if parent not in place:
            raise ConfigError(f"{where}.over.{key}: {unknown_name('key', parent, place)}")
        place = place[parent]
        if not isinstance(place, Mapping):
            raise ConfigError(f"{where}.over.{key}: {parent!r} of the base run is {place!r}, which holds no keys")
