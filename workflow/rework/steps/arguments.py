"""How a step is told what to do: by a rule, with the JSON of its settings; by hand, with a name from the catalogue."""

import argparse
import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from rework.errors import ConfigError
from rework.settings.plain import Settings

Given = TypeVar("Given", bound=Settings)
REPOSITORY = Path(__file__).resolve().parents[3]


def add_settings_arguments(parser: argparse.ArgumentParser, what: str) -> None:
    """Add ``--settings`` (rules), or a name and ``--edition`` (by hand), and ``--results``."""
    parser.add_argument("name", nargs="?", help=f"{what}, as in the configuration")
    parser.add_argument("--edition", choices=("full", "sample"), default="full", help="default: full")
    parser.add_argument("--settings", help="the settings as JSON, instead of a name (as the rules call a step)")
    parser.add_argument("--results", type=Path, help="results folder of the edition (default: results/<edition>)")


def given_settings(arguments: argparse.Namespace, kind: type[Given]) -> Given | None:
    """Return ``--settings`` as settings of a class, or None where a name was given.

    Raises:
        ConfigError: there is neither, or they are not JSON, or not settings of this class.
    """
    if arguments.settings is None:
        if arguments.name is None:
            raise ConfigError(f"{arguments.step}: give a name from the configuration, or --settings")
        return None
    try:
        value = json.loads(arguments.settings)
    except json.JSONDecodeError as error:
        raise ConfigError(f"{arguments.step}: --settings is not valid JSON: {error}") from None
    return kind.from_json(value, f"{arguments.step}: --settings")


def writeup_and_name(arguments: argparse.Namespace, kind: str) -> tuple[str, str]:
    """Return the two parts of the name that was given, ``<writeup>/<kind>``.

    Raises:
        ConfigError: it has no slash.
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

    Imported by name, at run time, so that a step's code fingerprint does not cover the catalogue: a rule never gets
    here, since it hands over the settings themselves.
    """
    return importlib.import_module("rework.catalogue.catalogue").load_catalogue(REPOSITORY, overrides)


def load_reference_catalogue(overrides: Mapping[str, Any]) -> Any:
    """Return the catalogue for published results: what this machine goes ``without`` may have been had there."""
    return load_catalogue({**overrides, "without": []})
