"""Arguments for what a step works on: settings as JSON (from a rule), or a name from the catalogue (by hand)."""

import argparse
import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from rework.errors import ConfigError
from rework.messages import short_reason, short_text
from rework.settings.plain import Settings

Given = TypeVar("Given", bound=Settings)
_DEEPEST = 64
REPOSITORY = Path(__file__).resolve().parents[3]


def add_settings_arguments(parser: argparse.ArgumentParser, what: str) -> None:
    """Add ``--settings`` (rules), or a name and ``--edition`` (by hand), and ``--results``."""
    parser.add_argument("name", nargs="?", help=f"{what}, as in the configuration")
    parser.add_argument("--edition", choices=("full", "sample"), default="full", help="default: full")
    parser.add_argument("--settings", help="the settings as JSON, instead of a name (as the rules call a step)")
    parser.add_argument("--results", type=Path, help="results folder of the edition (default: results/<edition>)")


def given_settings(arguments: argparse.Namespace, kind: type[Given]) -> Given | None:
    """Return ``--settings`` as settings of a class, or None if a name was given.

    Raises:
        ConfigError: neither was given, or the settings are not JSON or not of this class.
    """
    if arguments.settings is None:
        if arguments.name is None:
            raise ConfigError(f"{arguments.step}: give a name from the configuration, or --settings")
        return None
    where = f"{arguments.step}: --settings"
    return kind.from_json(json_value(arguments.settings, where), where)


def json_value(text: str, where: str) -> Any:
    """Return what a JSON text says.

    Raises:
        ConfigError: it is not JSON, nested deeper than any settings are, or has numbers that are none; ``where`` says
            where the text is from.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise _too_deep(where) from None
    except ValueError as error:  # also of a number with thousands of digits
        raise ConfigError(f"{where} is not valid JSON: {short_reason(error)}") from None
    depth, level = 0, [value]
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise _too_deep(where)
        parts = (one.values() if isinstance(one, dict) else one if isinstance(one, list) else () for one in level)
        level = [inner for part in parts for inner in part]
    return value


def _too_deep(where: str) -> ConfigError:
    return ConfigError(f"{where} is nested more than {_DEEPEST} deep, which no settings are")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def add_overrides_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--overrides``."""
    parser.add_argument("--overrides", default="{}", help="values over config/config.yaml, as JSON")


def given_overrides(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the values of ``--overrides``.

    Raises:
        ConfigError: they are not a JSON object.
    """
    where = f"{arguments.step}: --overrides"
    value = json_value(arguments.overrides, where)
    if not isinstance(value, dict):
        raise ConfigError(f'{where}: found {short_text(value)}, expected keys with values, as in {{"device": "cpu"}}')
    return value


def writeup_and_name(arguments: argparse.Namespace, kind: str) -> tuple[str, str]:
    """Return the two parts of the given name, ``<writeup>/<kind>``.

    Raises:
        ConfigError: the name has no slash.
    """
    writeup, slash, name = arguments.name.partition("/")
    if not slash:
        raise ConfigError(f"{arguments.step}: {arguments.name!r} is not of the form <writeup>/<{kind}>")
    return writeup, name


def results_dir(arguments: argparse.Namespace) -> Path:
    """Return the results folder of the edition."""
    given: Path | None = arguments.results
    return given or Path("results") / arguments.edition


def load_catalogue(overrides: Mapping[str, Any] | None = None) -> Any:
    """Return the catalogue of the repository that this library belongs to, with ``overrides`` over ``config.yaml``.

    It is imported by name at run time, so that a step's code fingerprint does not cover the catalogue. A rule never
    gets here, since it passes the settings themselves.
    """
    return importlib.import_module("rework.catalogue.catalogue").load_catalogue(REPOSITORY, overrides)


def load_reference_catalogue(overrides: Mapping[str, Any]) -> Any:
    """Return the catalogue for published results, which may include assets that this machine goes ``without``."""
    return load_catalogue({**overrides, "without": []})
