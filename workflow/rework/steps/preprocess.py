"""Turn the raw files of one data set into arrays on disk that map into memory."""

import argparse
import importlib
from pathlib import Path

from rework.datasets.store import AssetRecord, open_dataset, write_dataset
from rework.errors import ConfigError, DataError
from rework.files import sha256_file
from rework.paths import dataset_dir, raw_dir
from rework.provenance import code_fingerprint, lock_hash
from rework.settings.data import DatasetSettings
from rework.steps.arguments import add_settings_arguments, load_catalog, results_dir, settings_json
from rework.verification import asset_path, verify_asset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_settings_arguments(parser, "data set")
    parser.add_argument("--data-dir", type=Path, help="folder of the raw files (default: data_dir of the config)")


def main(arguments: argparse.Namespace) -> None:
    """Run the step."""
    value = settings_json(arguments)
    data_dir: Path | None = arguments.data_dir
    if value is None:
        catalog = load_catalog()
        settings: DatasetSettings = catalog.dataset(arguments.edition, arguments.name)
        data_dir = data_dir or catalog.config.data_dir
    else:
        settings = DatasetSettings.from_json(value)
    results = results_dir(arguments)
    if settings.sample:
        raw = raw_dir(results, settings.name)
        assets = generated_files(raw)
    else:
        if data_dir is None:
            raise ConfigError("preprocess: --settings of the full edition need --data-dir")
        raw, assets = raw_files(settings, data_dir)
    target = dataset_dir(results, settings.name)
    write_dataset(
        target,
        importlib.import_module(settings.module).read(raw, settings),
        settings,
        assets=assets,
        provenance={
            "step": "preprocess",
            "code": code_fingerprint("rework.steps.preprocess", settings.module),
            "lock": lock_hash(),
        },
    )
    splits = open_dataset(target).splits
    counts = ", ".join(f"{name} {len(split.targets)}" for name, split in splits.items())
    print(f"{settings.name}: {counts}, in {target}", flush=True)


def raw_files(settings: DatasetSettings, data_dir: Path) -> tuple[Path, list[AssetRecord]]:
    """Return the folder of the raw files of a data set of the full edition, and a record of each, verified.

    Raises:
        ConfigError: the data set has no assets, or their files do not share a folder.
        DataError: a file is missing or has another content than its settings say.
    """
    folders = {asset_path(asset, data_dir).parent for asset in settings.assets}
    if len(folders) != 1:
        files = ", ".join(asset.file for asset in settings.assets) or "none"
        raise ConfigError(f"data set {settings.name}: its assets must share one folder; their files are: {files}")
    records = [
        AssetRecord(
            id=asset.id,
            file=asset.file,
            sha256=verify_asset(asset, data_dir),
            substitute=asset.substitute,
            comparable=asset.comparable,
        )
        for asset in settings.assets
    ]
    return folders.pop(), records


def generated_files(raw: Path) -> list[AssetRecord]:
    """Return a record of each generated file of a data set of the sample edition; none is an official file."""
    files = sorted(path for path in raw.glob("**/*") if path.is_file() and not path.name.startswith("."))
    if not files:
        raise DataError(f"{raw}: no generated files; 'python -m rework sample' makes them")
    return [
        AssetRecord(id=name, file=name, sha256=sha256_file(path), substitute=None, comparable=False)
        for path in files
        for name in [path.relative_to(raw).as_posix()]
    ]
