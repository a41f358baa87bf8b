"""Arguments and records of raw files: which data set, where its files are, and a record of each."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rework.datasets.layouts import LAYOUTS
from rework.datasets.store import AssetRecord
from rework.errors import ConfigError, DataError
from rework.files import sha256_file
from rework.paths import raw_dir, raw_files, raw_record
from rework.recorded import read_record, remedy
from rework.settings.data import AssetSettings, DatasetSettings
from rework.steps.arguments import add_settings_arguments, given_settings, load_catalogue, results_dir
from rework.verification import asset_path, verify_asset


def add_raw_arguments(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the arguments that give the settings, and ``--data-dir``."""
    add_settings_arguments(parser, what)
    parser.add_argument("--data-dir", type=Path, help="folder of the raw files (default: data_dir of the config)")


def raw_settings(
    arguments: argparse.Namespace, find: Callable[[Any], DatasetSettings]
) -> tuple[DatasetSettings, Path | None]:
    """Return the settings that the arguments name or contain, and the folder of the raw files if it is known.

    ``find`` gets settings from the catalogue. Only the full edition needs the folder.

    Raises:
        ConfigError: there are no such settings, or the folder is missing for the full edition.
    """
    settings = given_settings(arguments, DatasetSettings)
    data_dir: Path | None = arguments.data_dir
    if settings is None:
        catalogue = load_catalogue()
        settings = find(catalogue)
        data_dir = data_dir or catalogue.config.data_dir
    if data_dir is None and not settings.sample:
        raise ConfigError(f"{arguments.step}: --settings of the full edition need --data-dir")
    return settings, data_dir


def dataset_and_files(arguments: argparse.Namespace) -> tuple[DatasetSettings, Path, list[AssetRecord]]:
    """Return the settings of a data set, the folder of its raw files, and a record of each, verified.

    A data set that is drawn at random has none, and its folder does not exist.

    Raises:
        ConfigError: see ``raw_settings``; or the files of its assets do not share a folder.
        DataError: a file is missing or does not have the content that its settings specify.
    """
    settings, data_dir = raw_settings(arguments, lambda catalogue: catalogue.dataset(arguments.edition, arguments.name))
    results = results_dir(arguments)
    if LAYOUTS[settings.layout].drawn:
        return settings, raw_dir(results, settings.name), []
    if data_dir is None or settings.sample:
        return settings, raw_dir(results, settings.name), _generated(results, settings.name)
    folders = {asset_path(asset, data_dir).parent for asset in settings.assets}
    if len(folders) != 1:
        files = ", ".join(asset.file for asset in settings.assets)
        raise ConfigError(f"data set {settings.name}: its assets must share one folder; their files are: {files}")
    return settings, folders.pop(), [verified(asset, data_dir) for asset in settings.assets]


def verified(asset: AssetSettings, data_dir: Path) -> AssetRecord:
    """Return the record of a raw file.

    Raises:
        DataError: it is missing or does not have the content that its settings specify.
    """
    return AssetRecord(
        id=asset.id,
        file=asset.file,
        sha256=verify_asset(asset, data_dir),
        substitute=asset.substitute,
        comparable=asset.comparable,
    )


def _generated(results: Path, dataset: str) -> list[AssetRecord]:
    """Return a record of each generated file of a data set in the sample edition; none is an official file."""
    raw = raw_dir(results, dataset)
    found = {path.relative_to(raw).as_posix(): sha256_file(path) for path in raw_files(raw)}
    if not found:
        raise DataError(f"{raw}: no generated files; 'python -m rework sample {dataset}' makes them")
    made = read_record(raw_record(results, dataset))["outputs"]
    for name in sorted(found.keys() | made.keys()):
        if found.get(name) != made.get(name):
            raise DataError(f"{raw / name}: not as it was generated; {remedy(raw)}")
    return [
        AssetRecord(id=name, file=name, sha256=sha256, substitute=None, comparable=False)
        for name, sha256 in found.items()
    ]
