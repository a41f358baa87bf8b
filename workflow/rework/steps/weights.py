"""Step ``weights``: convert pretrained weights to the form that trainings start with."""

import argparse
import importlib
import tempfile
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from rework.datasets.store import AssetRecord
from rework.files import atomic_path, sha256_file
from rework.formats.torch_weights import read_weights
from rework.paths import initial_weights_file
from rework.provenance import origin
from rework.recorded import write_record
from rework.seeds import derive_seed
from rework.settings.data import DatasetSettings
from rework.steps.arguments import results_dir
from rework.steps.raw_arguments import add_raw_arguments, raw_settings, verified
from rework.verification import asset_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_raw_arguments(parser, "asset that holds weights")


def main(arguments: argparse.Namespace) -> None:
    """Write the weights as safetensors, with a record of their origin."""
    results = results_dir(arguments)

    def find(catalogue: Any) -> DatasetSettings:
        plan = importlib.import_module("rework.catalogue.plan").Plan(catalogue, arguments.edition, results)
        settings: DatasetSettings = plan.initial_settings(arguments.name)
        return settings

    settings, data_dir = raw_settings(arguments, find)
    if data_dir is None or settings.sample:
        _write_generated(settings, results)
    else:
        asset = settings.assets[0]
        _write(settings, results, asset_path(asset, data_dir), verified(asset, data_dir), ())


def _write_generated(settings: DatasetSettings, results: Path) -> None:
    """Generate weights in the official format, and read them like official ones."""
    module = importlib.import_module(settings.sample_module)
    with tempfile.TemporaryDirectory() as folder:
        module.generate(Path(folder), derive_seed(settings.global_seed, "sample", settings.name), {})
        (path,) = Path(folder).iterdir()
        record = AssetRecord(
            id=settings.name, file=path.name, sha256=sha256_file(path), substitute=None, comparable=False
        )
        _write(settings, results, path, record, (module.NOTE,))


def _write(settings: DatasetSettings, results: Path, source: Path, record: AssetRecord, notes: tuple[str, ...]) -> None:
    target = initial_weights_file(results, settings.name)
    tensors = read_weights(source)
    with atomic_path(target) as partial:
        save_file(tensors, partial)
    modules = [settings.sample_module] if settings.sample else []
    write_record(
        target.with_suffix(".json"),
        {
            "name": settings.name,
            "sample": settings.sample,
            "assets": [vars(record)],
            "notes": list(notes),
            "tensors": {name: list(tensor.shape) for name, tensor in tensors.items()},
            "provenance": origin("weights", "training", *modules, outputs=[target]),
        },
    )
    values = sum(tensor.numel() for tensor in tensors.values())
    print(f"{settings.name}: {values} values in {len(tensors)} tensors, in {target}", flush=True)
