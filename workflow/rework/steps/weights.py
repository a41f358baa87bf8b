"""Step ``weights``: turn weights from outside into the form that trainings start with."""

import argparse
import importlib
import tempfile
from pathlib import Path

from safetensors.torch import save_file

from rework.datasets.store import AssetRecord
from rework.errors import ConfigError
from rework.files import atomic_path, sha256_file, write_json
from rework.formats.torch_weights import read_weights
from rework.paths import initial_weights_file
from rework.provenance import code_fingerprint, lock_hash
from rework.seeds import derive_seed
from rework.settings.data import DatasetSettings
from rework.steps.arguments import add_settings_arguments, load_catalog, results_dir, settings_json
from rework.verification import asset_path, verify_asset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_settings_arguments(parser, "asset that holds weights")
    parser.add_argument("--data-dir", type=Path, help="folder of the raw files (default: data_dir of the config)")


def main(arguments: argparse.Namespace) -> None:
    """Write the weights as safetensors, and beside them where they come from."""
    value = settings_json(arguments)
    data_dir: Path | None = arguments.data_dir
    results = results_dir(arguments)
    if value is None:
        catalog = load_catalog()
        settings = importlib.import_module("rework.plan").Plan(catalog, arguments.edition, results)
        settings = settings.initial_settings(arguments.name)
        data_dir = data_dir or catalog.config.data_dir
    else:
        settings = DatasetSettings.from_json(value)
    if settings.sample:
        _write_generated(settings, results)
    else:
        if data_dir is None:
            raise ConfigError("weights: --settings of the full edition need --data-dir")
        asset = settings.assets[0]
        record = AssetRecord(
            id=asset.id,
            file=asset.file,
            sha256=verify_asset(asset, data_dir),
            substitute=asset.substitute,
            comparable=asset.comparable,
        )
        _write(settings, results, asset_path(asset, data_dir), record, ())


def _write_generated(settings: DatasetSettings, results: Path) -> None:
    """Draw weights in the official format, and read them like those."""
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
    roots = ["rework.steps.weights", *([settings.sample_module] if settings.sample else [])]
    write_json(
        target.with_suffix(".json"),
        {
            "name": settings.name,
            "sample": settings.sample,
            "assets": [vars(record)],
            "notes": list(notes),
            "tensors": {name: list(tensor.shape) for name, tensor in tensors.items()},
            "provenance": {
                "step": "weights",
                "code": code_fingerprint(*roots),
                "lock": lock_hash(),
                "outputs": {target.name: sha256_file(target)},
            },
        },
    )
    values = sum(tensor.numel() for tensor in tensors.values())
    print(f"{settings.name}: {values} values in {len(tensors)} tensors, in {target}", flush=True)
