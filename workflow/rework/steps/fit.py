"""Step ``fit``: train and measure one run whose model trains by itself, without torch."""

import argparse
import csv
import importlib
import io
import sys
import time
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from safetensors.numpy import save_file

from rework.datasets.store import StoredDataset, open_dataset
from rework.engines.fitted import Engine, EpochRow, Fitted
from rework.errors import ConfigError
from rework.evaluation.archive import write_npz
from rework.files import atomic_path, sha256_file, write_json, write_text
from rework.paths import dataset_dir, run_dir
from rework.provenance import code_fingerprint, environment, packages_hash
from rework.settings.plain import plain
from rework.settings.run import RunSettings
from rework.steps.arguments import results_dir
from rework.steps.run_arguments import add_run_arguments, run_settings

TRAIN_FILES = ("weights.safetensors", "history.csv", "probes.csv")
# The columns of the training loop's file, which is empty here.
PROBE_COLUMNS = "steps,batch_loss,train_accuracy,test_accuracy\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_run_arguments(parser)


def main(arguments: argparse.Namespace) -> None:
    """Write all files of a run and seed."""
    settings = run_settings(arguments)
    results = results_dir(arguments)
    dataset = open_dataset(dataset_dir(results, settings.data.dataset))
    title = f"{settings.id} seed {settings.seed}"
    engine = _engine(settings)

    def report(number: int, text: str) -> None:
        print(f"{title}: {number}/{settings.epochs or '-'}  {text}", file=sys.stderr, flush=True)

    started = time.monotonic()
    try:
        fitted: Fitted = engine.fit(settings, dataset, report, **settings.model.parameters)
    except TypeError as error:
        raise ConfigError(f"{settings.id}: model {settings.model.name}: {error}") from error
    seconds = time.monotonic() - started
    directory = run_dir(results, settings.writeup, settings.run, settings.seed)
    _write_training(settings, dataset, fitted, directory, seconds)
    _write_measures(settings, dataset, fitted, results, directory)
    shown = {name: value for name, (value, _) in fitted.metrics.items() if name in ("test_accuracy", "psnr")}
    print(f"{title}: {', '.join(f'{name} {value:.4f}' for name, value in shown.items())}, in {directory}")


def engine_module(family: str) -> str:
    """Return the dotted name of the module of an engine."""
    return f"rework.engines.{family.replace('-', '_')}"


def _engine(settings: RunSettings) -> Engine:
    module = engine_module(settings.model.name)
    try:
        engine: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise ConfigError(
            f"{settings.id}: {settings.model.name!r} does not train by itself; use the step train"
        ) from None
    return engine  # type: ignore[no-any-return]


def _write_training(
    settings: RunSettings, dataset: StoredDataset, fitted: Fitted, directory: Path, seconds: float
) -> None:
    weights, history, probes = (directory / name for name in TRAIN_FILES)
    with atomic_path(weights) as partial:
        save_file(dict(fitted.weights), partial)
    write_text(history, _history_csv(fitted))
    write_text(probes, PROBE_COLUMNS)
    write_json(
        directory / "provenance.json",
        {
            **_origin(settings, {_dataset_file(settings): dataset.sha256}),
            "settings": plain(settings),
            "outputs": {path.name: sha256_file(path) for path in (weights, history, probes)},
            "environment": environment(),
            "device": "cpu",
            "precision": "numpy's own",
            "threads": settings.threads,
            "seconds": seconds,
            "seconds_per_epoch": seconds / max(1, settings.epochs),
            "steps": fitted.steps,
            "resumed": 0,
            "parameters": fitted.parameters,
            "layers": [],
        },
    )


def _write_measures(
    settings: RunSettings, dataset: StoredDataset, fitted: Fitted, results: Path, directory: Path
) -> None:
    write_npz(directory / "predictions.npz", fitted.predictions)
    weights = directory / "weights.safetensors"
    inputs = {
        _dataset_file(settings): dataset.sha256,
        weights.relative_to(results).as_posix(): sha256_file(weights),
    }
    write_json(
        directory / "metrics.json",
        {
            "run": settings.id,
            "seed": settings.seed,
            "metrics": {name: {"value": value, "n": count} for name, (value, count) in fitted.metrics.items()},
            "parameters": fitted.parameters,
            "dataset": {
                "name": dataset.name,
                "sha256": dataset.sha256,
                "sample": dataset.sample,
                "assets": dataset.info["assets"],
            },
            "provenance": {
                **_origin(settings, inputs),
                "outputs": {"predictions.npz": sha256_file(directory / "predictions.npz")},
            },
        },
    )


def _origin(settings: RunSettings, inputs: dict[str, str]) -> dict[str, Any]:
    return {
        "step": "fit",
        "code": code_fingerprint("rework.steps.fit", engine_module(settings.model.name)),
        "packages": packages_hash("engines"),
        "inputs": inputs,
    }


def _dataset_file(settings: RunSettings) -> str:
    return f"data/{settings.data.dataset}/dataset.json"


def _history_csv(fitted: Fitted) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(EpochRow))
    writer.writerows(map(astuple, fitted.history))
    return text.getvalue()
