"""What steps write about the results they make: where these come from, and what a run measured."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rework.datasets.store import StoredDataset
from rework.errors import TrainingError
from rework.evaluation.units import with_unit
from rework.files import sha256_file, write_json
from rework.paths import dataset_dir, run_dir
from rework.provenance import code_fingerprint, environment, packages_hash
from rework.settings.plain import plain
from rework.settings.run import RunSettings

Measured = Mapping[str, tuple[float, int]]


def origin(
    step: str, family: str, *modules: str, inputs: Mapping[str, str] | None = None, outputs: Iterable[Path] = ()
) -> dict[str, Any]:
    """Return the provenance of a result.

    Args:
        step: name of the step that makes it.
        family: whose environment it is made in, ``envs/<family>.yaml``.
        modules: dotted names of what the step imports by its settings, such as the module of a model.
        inputs: SHA-256 of what it reads, by path relative to the results folder; None for a step without such inputs.
        outputs: files that lie beside the record.
    """
    record: dict[str, Any] = {
        "step": step,
        "code": code_fingerprint(f"rework.steps.{step.replace('-', '_')}", *modules),
        "packages": packages_hash(family),
    }
    if inputs is not None:
        record["inputs"] = dict(inputs)
    found = {path.name: sha256_file(path) for path in outputs}
    return {**record, "outputs": found} if found else record


def hashed_inputs(results: Path, *files: Path) -> dict[str, str]:
    """Return the SHA-256 of files by path relative to the results folder; ``dataset.json`` stands for its arrays."""
    return {file.relative_to(results).as_posix(): sha256_file(file) for file in files}


def write_run_record(directory: Path, settings: RunSettings, came_from: Mapping[str, Any], **facts: Any) -> None:
    """Write ``provenance.json`` of a training.

    Args:
        directory: folder of the run and seed.
        settings: the run.
        came_from: see ``origin``.
        facts: seconds, steps and what else is known of the training.
    """
    record = {"settings": plain(settings), "environment": environment(), "threads": settings.threads}
    write_json(directory / "provenance.json", {**came_from, **record, **facts})


def write_metrics(
    results: Path,
    settings: RunSettings,
    dataset: StoredDataset,
    module: Any,
    measured: Measured,
    parameters: int,
    step: str,
    family: str,
) -> str:
    """Write ``metrics.json`` beside the weights and predictions of a run, and return a line about it.

    Args:
        results: results folder of the edition.
        settings: the run.
        dataset: its data set.
        module: the module of its task or engine, which declares the metrics.
        measured: each metric's value, and the number of items behind it.
        parameters: number of trained values.
        step: name of the step that measured.
        family: whose environment it measured in.

    Raises:
        TrainingError: something else was measured than the module declares.
    """
    declared = {**module.METRICS, **module.LAYOUT_METRICS.get(dataset.layout, {})}
    if set(measured) != set(declared):
        raise TrainingError(f"{settings.id}: measured {', '.join(measured)}, declared {', '.join(declared)}")
    directory = run_dir(results, settings.writeup, settings.run, settings.seed)
    inputs = hashed_inputs(
        results, dataset_dir(results, dataset.name) / "dataset.json", directory / "weights.safetensors"
    )
    write_json(
        directory / "metrics.json",
        {
            "run": settings.id,
            "seed": settings.seed,
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
