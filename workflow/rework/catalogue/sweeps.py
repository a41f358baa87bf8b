"""Runs from sweeps, and overlays of dotted keys."""

import copy
import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from rework.errors import ConfigError
from rework.messages import unknown_name

RUN_NAME = re.compile(r"[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*")
_FIELD = re.compile(r"\{([^{}]*)\}")


def overlay(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` with the values of ``over``: nested mappings are merged, all else is replaced."""
    merged = {key: copy.deepcopy(value) for key, value in base.items()}
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = (
            overlay(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else copy.deepcopy(value)
        )
    return merged


def nested(dotted: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``{"model.dropout": 0.3}`` as ``{"model": {"dropout": 0.3}}``."""
    result: dict[str, Any] = {}
    for key, value in dotted.items():
        *parents, last = key.split(".")
        place = result
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = value
    return result


def expand_sweep(
    name: str, sweep: Mapping[str, Any], runs: Mapping[str, Mapping[str, Any]], shown: str
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the values and the run of every combination in ``over``: the base run with these values in place.

    Other keys of the sweep replace those of the base run, but for ``name`` and ``label``: ``sweep_run_name`` and
    ``sweep_run_label`` make these from patterns.

    Raises:
        ConfigError: the base is unknown, or a key in ``over`` leads nowhere in it.
    """
    where = f"{shown}: key sweeps.{name}"
    base_name, over = sweep["base"], sweep["over"]
    if base_name not in runs:
        raise ConfigError(f"{where}.base: {unknown_name('run', base_name, runs)}")
    changes = {key: value for key, value in sweep.items() if key not in ("base", "over", "name", "label")}
    base = overlay(runs[base_name], changes)
    base.pop("label", None)  # it is that of one run
    for key in over:
        _check_place(key, base, where)
    for values in itertools.product(*over.values()):
        setting = dict(zip(over, values, strict=True))
        yield setting, overlay(base, nested(setting))


def sweep_run_name(pattern: str, setting: Mapping[str, Any], where: str) -> str:
    """Return a run's name: the sweep's pattern with a value in place of each dotted key in braces.

    Raises:
        ConfigError: the pattern names a key that is not in ``over``, or leaves something that is no name.
    """
    name = _filled(pattern, {key: str(value).lower() for key, value in setting.items()}, where)
    if not RUN_NAME.fullmatch(name):
        raise ConfigError(f"{where}: gives {name!r}, expected letters and digits, joined by -, _ or .")
    return name


def sweep_run_label(sweep: Mapping[str, Any], setting: Mapping[str, Any], where: str) -> str | None:
    """Return a run's label by the sweep's pattern, or None where the sweep has none.

    Raises:
        ConfigError: the pattern names a key that is not in ``over``.
    """
    return _filled(sweep["label"], setting, where) if "label" in sweep else None


def _filled(pattern: str, setting: Mapping[str, Any], where: str) -> str:
    """Return a pattern with a value in place of each dotted key in braces."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in setting:
            raise ConfigError(f"{where}: {unknown_name('key of over', match[1], setting)}")
        return str(setting[match[1]])

    return _FIELD.sub(value, pattern)


def _check_place(key: str, base: Mapping[str, Any], where: str) -> None:
    """Refuse a dotted key that goes through something in the base run that is no mapping, or is not there."""
    *parents, _ = key.split(".")
    place: Any = base
    for parent in parents:
        if parent not in place:
            raise ConfigError(f"{where}.over.{key}: {unknown_name('key', parent, place)}")
        place = place[parent]
        if not isinstance(place, Mapping):
            raise ConfigError(f"{where}.over.{key}: {parent!r} of the base run is {place!r}, which holds no keys")
