"""Runs from sweeps, and overlays of dotted keys."""

import copy
import itertools
import re
from collections.abc import Mapping
from typing import Any

from rework.errors import ConfigError

_FIELD = re.compile(r"\{([A-Za-z_][\w.]*)\}")


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
) -> dict[str, dict[str, Any]]:
    """Return the runs of a sweep: the base run with every combination of the values in ``over``.

    ``name`` in the sweep is a pattern of the runs' names, with a dotted key in braces for each value. Other keys of the
    sweep replace those of the base run.

    Raises:
        ConfigError: the base is unknown, a key in ``over`` leads nowhere in it, or two runs get the same name.
    """
    where = f"{shown}: key sweeps.{name}"
    base_name = sweep["base"]
    if base_name not in runs:
        raise ConfigError(f"{where}.base: unknown run {base_name!r}; expected one of {', '.join(runs)}")
    changes = {key: value for key, value in sweep.items() if key not in ("base", "over", "name")}
    base = overlay(runs[base_name], changes)
    keys = list(sweep["over"])
    for field in _FIELD.findall(sweep["name"]):
        if field not in keys:
            raise ConfigError(f"{where}.name: {{{field}}} is not in over; expected one of {', '.join(keys)}")
    expanded: dict[str, dict[str, Any]] = {}
    for values in itertools.product(*(sweep["over"][key] for key in keys)):
        setting = dict(zip(keys, values, strict=True))
        run_name = _FIELD.sub(lambda match, setting=setting: str(setting[match[1]]), sweep["name"])  # type: ignore[misc]
        if run_name in expanded or run_name in runs:
            raise ConfigError(f"{where}.name: gives {run_name!r} twice; put every key of over into the name in braces")
        expanded[run_name] = overlay(base, nested(setting))
    return expanded
