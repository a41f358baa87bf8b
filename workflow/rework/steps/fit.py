"""Step ``fit``: train and measure one run whose model has its own training, without torch."""

import argparse
import importlib
import sys
import time
from pathlib import Path

from safetensors.numpy import save_file

from rework.datasets.store import open_dataset, verify_split
from rework.engines.fitted import Engine, Fitted
from rework.errors import ConfigError
from rework.evaluation.archive import write_npz
from rework.files import atomic_path, write_text
from rework.paths import TRAINED_FILES, dataset_dir, run_dir
from rework.provenance import hashed_inputs, origin
from rework.settings.run import RunSettings
from rework.steps.arguments import results_dir
from rework.steps.records import write_metrics, write_run_record
from rework.steps.run_arguments import add_run_arguments, run_settings
from rework.training.history import history_columns, probe_columns, table_csv


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_run_arguments(parser)


def main(arguments: argparse.Namespace) -> None:
    """Write all files of a run and seed."""
    settings = run_settings(arguments)
    results = results_dir(arguments)
    dataset = open_dataset(dataset_dir(results, settings.data.dataset))
    for split in dataset.splits:
        verify_split(dataset, split)
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
    _write_training(settings, fitted, engine, results, seconds)
    print(write_metrics(results, settings, dataset, engine, fitted.metrics, fitted.parameters, "fit", "engines"))


def _engine(settings: RunSettings) -> Engine:
    module = settings.model.engine_module
    try:
        if settings.task is None:
            return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
    raise ConfigError(f"{settings.id}: {settings.model.name!r} has no training of its own; use the step train")


def _write_training(settings: RunSettings, fitted: Fitted, engine: Engine, results: Path, seconds: float) -> None:
    directory = run_dir(results, settings.writeup, settings.run, settings.seed)
    inputs = hashed_inputs(results, dataset_dir(results, settings.data.dataset) / "dataset.json")
    outputs = [directory / name for name in TRAINED_FILES]
    weights, history, probes = outputs
    with atomic_path(weights) as partial:
        save_file(dict(fitted.weights), partial)
    write_text(history, table_csv(history_columns(engine.HISTORY), fitted.history))
    write_text(probes, table_csv(probe_columns(engine.PROBES), ()))
    write_run_record(
        directory,
        settings,
        origin("fit", "engines", *settings.modules, inputs=inputs, outputs=outputs),
        device="cpu",
        precision="numpy's own",
        seconds=seconds,
        seconds_per_epoch=seconds / max(1, settings.epochs),
        steps=fitted.steps,
        resumed=0,
        parameters=fitted.parameters,
        layers=[],
    )
    write_npz(directory / "predictions.npz", fitted.predictions)
