"""From an artefact's settings to its files: csv, svg, and the sidecar that the report reads."""

import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rework import paths
from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import declared_measures
from rework.artefacts.result import Built, Measured
from rework.errors import ConfigError, DataError
from rework.files import sha256_file, write_text
from rework.messages import short_reason
from rework.provenance import code_fingerprint, packages_hash
from rework.recorded import runs_read, write_record
from rework.settings.artefact import ArtefactSettings
from rework.settings.plain import plain


def build_artefact(settings: ArtefactSettings, results: Path) -> Path:
    """Make an artefact and write its files; return the path of its sidecar.

    Raises:
        ConfigError: there is no such function, or it does not measure a value that the configuration lists.
        DataError: a result that the artefact reads is missing, or a number is not finite.
    """
    function = artefact_function(settings)
    context = ArtefactContext(settings, results)
    built: Built = function(context, **settings.options)
    _check_measured(settings, built, function)
    outputs = _write_files(settings, built, results)
    sidecar = paths.artefact_file(results, settings.id, "json")
    description = _sidecar(context, built, outputs)
    try:
        write_record(sidecar, description)
    except ValueError as error:  # JSON has no infinity
        raise DataError(
            f"config/writeups/{settings.writeup}.yaml: key artefacts.{settings.name}: with these options and runs, a "
            f"number to be shown is not finite ({short_reason(error)}); change them"
        ) from None
    return sidecar


def artefact_function(settings: ArtefactSettings) -> Callable[..., Built]:
    """Return the function that makes an artefact.

    Its module is imported by name at run time, so that the code fingerprint of this module covers no artefact.
    """
    home, _, name = settings.function.rpartition(".")
    function: Callable[..., Built] | None = getattr(importlib.import_module(home), name, None)
    if function is None:
        raise ConfigError(f"{settings.id}: {home} has no function {name}; write it, or say why in not_run")
    return function


def _check_measured(settings: ArtefactSettings, built: Built, function: Callable[..., Built]) -> None:
    """Reject a value that the function does not declare: the configuration is checked against the declaration."""
    parameters = inspect.signature(function).parameters.values()
    defaults = {parameter.name: parameter.default for parameter in parameters}
    keys = declared_measures(function).keys({**defaults, **settings.options}, [run.run for run in settings.runs])
    for value in built.values:
        known = keys.get(value.metric, ())
        if known is not ... and value.key not in known:
            raise ConfigError(
                f"{settings.id}: its function measures {value.metric} of {value.key!r}; add it to @measures"
            )


def _write_files(settings: ArtefactSettings, built: Built, results: Path) -> dict[str, str]:
    table = paths.artefact_file(results, settings.id, "csv")
    write_text(table, built.data.to_csv(index=False, lineterminator="\n"))
    files = [table]
    if settings.kind == "figure":
        if built.figure is None or not built.alt:
            raise ConfigError(f"{settings.id}: a figure needs a drawing and a text that describes it")
        # Imported by name as well: tables do not depend on how figures look, and need not import matplotlib.
        svg_text = importlib.import_module("rework.drawing.style").svg_text
        drawing = paths.artefact_file(results, settings.id, "svg")
        write_text(drawing, svg_text(built.figure, settings.id))
        files.append(drawing)
    return {path.name: sha256_file(path) for path in files}


def _sidecar(context: ArtefactContext, built: Built, outputs: dict[str, str]) -> dict[str, Any]:
    """Return what was made and measured; the report compares it with what was published.

    Its runs have the seeds that were read, not all that were trained.
    """
    settings = context.settings
    names = dict.fromkeys([*(run.dataset for run in settings.runs), *settings.datasets])
    initial = dict.fromkeys([*(run.initial for run in settings.runs if run.initial is not None), *settings.weights])
    data = [*(_data(context, name) for name in names), *(_weights(context, asset) for asset in initial)]
    description: dict[str, Any] = {
        "id": settings.id,
        "kind": settings.kind,
        **({"status": "not run", "reason": built.not_run} if built.not_run else {"status": "built"}),
        "caption": built.caption,
        "alt": built.alt,
        "comparable": settings.comparable and all(item["comparable"] for item in data),
        "values": [_value(measured) for measured in built.values],
        "metrics": plain(built.metrics),
        "table": plain(built.table) if built.table else None,
        "facts": plain(built.facts),
        "runs": [
            {"run": run.run, "label": run.label, "seeds": list(run.seeds), "length": run.length}
            for run in settings.runs
        ],
        "data": data,
        "files": list(outputs),
        "provenance": {
            "step": "artefact",
            "code": code_fingerprint("rework.steps.artefact", *settings.modules),
            "packages": packages_hash("plots"),
            "inputs": dict(context.inputs),
            "outputs": outputs,
        },
    }
    return {**description, "runs": runs_read(settings.writeup, description)}


def _data(context: ArtefactContext, name: str) -> dict[str, Any]:
    info = context.dataset_info(name)
    substitutes = [asset["substitute"] for asset in info["assets"] if asset["substitute"]]
    return {
        "name": name,
        "sha256": context.inputs[f"data/{name}/dataset.json"],
        "sample": info["sample"],
        "substitutes": substitutes,
        "comparable": not info["sample"] and all(asset["comparable"] for asset in info["assets"]),
    }


def _weights(context: ArtefactContext, asset: str) -> dict[str, Any]:
    """Describe weights from elsewhere in the same terms as data."""
    info = context.weights_info(asset)
    return {
        "name": info["name"],
        "sha256": info["provenance"]["outputs"][f"{asset}.safetensors"],
        "sample": info["sample"],
        "substitutes": [record["substitute"] for record in info["assets"] if record["substitute"]],
        "comparable": not info["sample"] and all(record["comparable"] for record in info["assets"]),
    }


def _value(measured: Measured) -> dict[str, Any]:
    found = measured.estimate
    return {
        "key": measured.key,
        "metric": measured.metric,
        "label": measured.label,
        "unit": measured.unit,
        "reproduced": {
            "mean": found.mean,
            "low": found.low,
            "high": found.high,
            "values": list(found.values),
            "seeds": list(measured.seeds),
            "interval": found.interval,
        },
    }
