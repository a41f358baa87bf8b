"""The data sets of ``config/assets.yaml``, checked against the modules of ``rework.datasets`` that read them."""

import ast
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rework.catalogue.headers import Parameter
from rework.catalogue.signatures import checked_arguments
from rework.catalogue.sources import check_sources
from rework.datasets.layouts import LAYOUTS
from rework.errors import ConfigError
from rework.messages import unknown_name

_MODULES = Path(__file__).resolve().parents[1] / "datasets"
# A module lists its options with their type hints on one line; parsing the whole module would take fifty times as long.
_OPTIONS = re.compile(r"^OPTIONS(?:: [^=]+)? = (\{.*\})$", re.MULTILINE)
# Values of options that cannot be together, likewise.
_NEVER = re.compile(r"^NEVER = (\{.*\})$", re.MULTILINE)


@dataclass(frozen=True)
class Dataset:
    """A data set as declared in ``assets.yaml``, for both editions; ``layout`` is a key of ``LAYOUTS``.

    Artefacts that read an ``optional`` one are made without it if its files are not available.
    """

    name: str
    title: str
    assets: tuple[str, ...]
    options: Mapping[str, Any]
    sample: Mapping[str, Any]
    sources: Mapping[str, Sequence[str]]
    layout: str
    optional: bool = False


def load_datasets(tables: Mapping[str, Mapping[str, Any]], assets: Mapping[str, Any]) -> dict[str, Dataset]:
    """Return the data sets of a validated ``assets.yaml``.

    Args:
        tables: the table of each data set, by name.
        assets: all assets by name.

    Raises:
        ConfigError: an asset, the layout or an option is unknown, an option has a wrong value, or no module reads it.
    """
    datasets = {}
    for name, table in tables.items():
        where = f"config/assets.yaml: key datasets.{name}"
        for asset in table["assets"]:
            if asset not in assets:
                raise ConfigError(f"{where}.assets: {unknown_name('asset', asset, assets)}")
        if table["layout"] not in LAYOUTS:
            raise ConfigError(f"{where}.layout: {unknown_name('layout', table['layout'], LAYOUTS)}")
        if bool(table["assets"]) == LAYOUTS[table["layout"]].drawn:
            expected = "none, as it is drawn at random" if table["assets"] else "at least one, the raw files"
            raise ConfigError(f"{where}.assets: expected {expected}")
        known = _options(name, where)
        parts = {
            part: checked_arguments(table.get(part, {}), known, f"{where}.{part}", f"data set {name!r}", "option")
            for part in ("options", "sample")
        }
        for part, options in (("options", parts["options"]), ("sample", {**parts["options"], **parts["sample"]})):
            _check_together(name, options, f"{where}.{part}")
        check_sources(table, "option", known, where)
        datasets[name] = Dataset(
            name=name,
            title=table.get("title", name),
            assets=tuple(table["assets"]),
            options=parts["options"],
            sample=parts["sample"],
            sources=table.get("sources", {}),
            layout=table["layout"],
            optional=table.get("optional", False),
        )
    return datasets


def _check_together(name: str, options: Mapping[str, Any], where: str) -> None:
    """Refuse options that the module of a data set declares to fail together, in ``NEVER``."""
    found = _NEVER.search(_module(name).read_text(encoding="utf-8"))
    never = ast.literal_eval(found[1]) if found else {}
    if never and all(options.get(option) == value for option, value in never.items()):
        together = " with ".join(f"{option}: {json.dumps(value)}" for option, value in never.items())
        raise ConfigError(f"{where}: {together} cannot be computed; change one of them")


def _module(name: str) -> Path:
    return _MODULES / f"{name.replace('-', '_')}.py"


def dataset_options(name: str) -> dict[str, Parameter] | None:
    """Return the options of a data set, in both editions; None if no module with ``OPTIONS`` reads it."""
    module = _module(name)
    found = _OPTIONS.search(module.read_text(encoding="utf-8")) if module.is_file() else None
    if found is None:
        return None
    table = ast.parse(found[1], mode="eval").body
    assert isinstance(table, ast.Dict)
    names = [str(ast.literal_eval(key)) for key in table.keys if key is not None]
    hints = map(ast.unparse, table.values)
    return {option: Parameter(option, hint, required=False) for option, hint in zip(names, hints, strict=True)}


def _options(name: str, where: str) -> dict[str, Parameter]:
    options = dataset_options(name)
    if options is None:
        modules = (path.stem.replace("_", "-") for path in _MODULES.glob("[a-z]*.py"))
        known = [module for module in modules if dataset_options(module) is not None]
        raise ConfigError(f"{where}: no module of workflow/rework/datasets: {unknown_name('data set', name, known)}")
    return options
