"""Records that steps write about their results: where these come from, and what a run measured."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rework.datasets.store import StoredDataset
from rework.errors import TrainingError
from rework.evaluation.units import with_unit
from rework.paths import dataset_dir, run_dir
from rework.provenance import environment, hashed_inputs, origin
from rework.recorded import write_record
from rework.settings.plain import plain
from rework.settings.run import RunSettings, without_validation

Measured = Mapping[str, tuple[float, int]]


def write_run_record(directory: Path, settings: RunSettings, came_from: Mapping[str, Any], **facts: Any) -> None:
    """Write ``provenance.json`` of a training.

    Args:
        directory: folder of the run and seed.
        settings: the run.
        came_from: see ``origin``.
        facts: seconds, steps and whatever else is known about the training.
    """
    record = {"settings": plain(settings), "environment": environment(), "threads": settings.threads}
    write_record(directory / "provenance.json", {**came_from, **record, **facts})


def write_metrics(
    results: Path,
    settings: RunSettings,
    dataset: StoredDataset,
    module: Any,
    measured: Measured,
    parameters: int,
    step: str,
    family: str,
    **facts: Any,
) -> str:
    """Write ``metrics.json`` beside the weights and predictions of a run, and return a line about the run.

    Args:
        results: results folder of the edition.
        settings: the run.
        dataset: its data set.
        module: the module of its task or engine, which declares the metrics.
        measured: each metric's value, and the number of items behind it.
        parameters: number of trained values.
        step: name of the step that measured.
        family: the environment that it measured in.
        facts: what else is known about the measured model.

    Raises:
        TrainingError: what was measured is not what the module declares.
    """
    declared = {**module.METRICS, **module.LAYOUT_METRICS.get(dataset.layout, {})}
    if settings.data.hold_out == 0:
        declared = without_validation(declared)
    if set(measured) != set(declared):
        raise TrainingError(f"{settings.id}: measured {', '.join(measured)}, declared {', '.join(declared)}")
    directory = run_dir(results, settings.writeup, settings.run, settings.seed)
    inputs = hashed_inputs(
        results, dataset_dir(results, dataset.name) / "dataset.json", directory / "weights.safetensors"
    )
    write_record(
        directory / "metrics.json",
        {
            "run": settings.id,
            "seed": settings.seed,
            **facts,
            "metrics": {name: {"value": value, "n": count} for name, (value, count) in measured.items()},
            "units": {name: unit for name, (unit, _) in declared.items()},
            "parameters": parameters,
            "dataset": {
                "name": dataset.name,
                "sha256": dataset.sha256,
                "sample": dataset.sample,
                "assets": dataset.info["assets"],
            },
            "provenance": origin(
                step, family, *settings.modules, inputs=inputs, outputs=[directory / "predictions.npz"]
            ),
        },
    )
    name = module.HEADLINE
    value, count = measured[name]
    shown = f"{name.replace('_', ' ')} {with_unit(value, declared[name][0])} of {count}"
    return f"{settings.id} seed {settings.seed}: {shown}, in {directory}"
