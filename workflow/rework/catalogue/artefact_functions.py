"""Artefacts and published values held against the functions of ``rework.artefacts``, without importing those.

An artefact's function says all that the configuration must agree with in its header: its options are its keyword-only
parameters, and ``@measures`` names the values that it measures.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rework.catalogue.headers import Parameter, header_texts, keyword_parameters, parsed_header
from rework.catalogue.signatures import check_arguments
from rework.errors import ConfigError
from rework.measured_values import Measures
from rework.messages import unknown_name
from rework.settings.artefact import PublishedValue

_WORKFLOW = Path(__file__).resolve().parents[2]
_ARTEFACTS = _WORKFLOW / "rework" / "artefacts"


@dataclass(frozen=True)
class ArtefactFunction:
    """The function that makes an artefact, as its header declares it."""

    options: Mapping[str, Parameter]
    measures: Measures


def artefact_function(writeup: str, artefact: str, where: str) -> ArtefactFunction:
    """Return the function of an artefact.

    Raises:
        ConfigError: there is none, or its header cannot be read; ``where`` is the file and the key of the artefact.
    """
    module, name = _ARTEFACTS / writeup.replace("-", "_") / "__init__.py", artefact.replace("-", "_")
    shown = f"workflow/{module.relative_to(_WORKFLOW)}"
    if not module.is_file():
        raise ConfigError(f"{where}: there is no {shown}, which would make it; write it, or say why in not_run")
    homes = _homes(module)
    if name not in homes:
        known = (function.replace("_", "-") for function in homes)
        raise ConfigError(
            f"{where}: not_run does not say why there is no such result, and in {shown} it is an "
            f"{unknown_name('artefact', artefact, known)}"
        )
    try:
        return _read(homes[name], name)
    except (SyntaxError, KeyError, ValueError):
        path = homes[name].relative_to(_WORKFLOW)
        raise ConfigError(f"{where}: the header of {name} in workflow/{path} cannot be read") from None


def check_published(
    published: Sequence[PublishedValue],
    function: ArtefactFunction,
    options: Mapping[str, Any],
    runs: Sequence[str],
    where: str,
) -> None:
    """Hold the published values of an artefact against what its function measures.

    Raises:
        ConfigError: it measures no such metric, or not under that key; ``where`` is the file and the values' key.
    """
    measured = function.measures.keys(options, runs)
    for value in published:
        if value.metric not in measured:
            raise ConfigError(f"{where}.metric: {unknown_name('metric', value.metric, measured)}")
        keys = measured[value.metric]
        if keys is not ... and value.key not in keys:
            kind = "value" if value.metric in function.measures.others else "run"
            raise ConfigError(f"{where}.values: {unknown_name(kind, value.key, keys)}")


@cache
def _homes(module: Path) -> Mapping[str, Path]:
    """Return the modules in which the functions of a writeup's module stand, by function."""
    homes = {
        alias.asname or alias.name: _WORKFLOW / f"{node.module.replace('.', '/')}.py"
        for node in ast.parse(module.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    own = dict.fromkeys(header_texts(module), module)
    return {name: home for name, home in (homes | own).items() if name in header_texts(home)}


@cache
def _read(module: Path, name: str) -> ArtefactFunction:
    header = parsed_header(header_texts(module)[name])
    measures = Measures()
    for decorator in header.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "measures":
            others = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in decorator.keywords}
            measures = Measures(tuple(map(ast.literal_eval, decorator.args)), others)
    return ArtefactFunction(keyword_parameters(header), measures)


def check_artefact(
    writeup: str,
    artefact: str,
    entry: Mapping[str, Any],
    published: Sequence[PublishedValue],
    runs: Sequence[str],
    shown: str,
) -> None:
    """Hold an artefact that is to be made against its function.

    Raises:
        ConfigError: there is no such function, it takes other options, or measures no such value as is published.
    """
    where, options = f"{shown}: key artefacts.{artefact}", entry.get("options", {})
    function = artefact_function(writeup, artefact, where)
    check_arguments(options, function.options, f"{where}.options", f"artefact {artefact!r}", "option")
    check_published(published, function, options, runs, f"{shown}: key published.{artefact}")
