"""Raw files as the steps that read them take them: which data set, where its files lie, and a record of each."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rework.datasets.store import AssetRecord
from rework.errors import ConfigError, DataError
from rework.files import sha256_file
from rework.paths import raw_dir
from rework.settings.data import AssetSettings, DatasetSettings
from rework.steps.arguments import add_settings_arguments, given_settings, load_catalogue, results_dir
from rework.verification import asset_path, verify_asset


def add_raw_arguments(parser: argparse.ArgumentParser, what: str) -> None:
    """Add what names the settings, and ``--data-dir``."""
    add_settings_arguments(parser, what)
    parser.add_argument("--data-dir", type=Path, help="folder of the raw files (default: data_dir of the config)")


def raw_settings(
    arguments: argparse.Namespace, find: Callable[[Any], DatasetSettings]
) -> tuple[DatasetSettings, Path | None]:
    """Return the settings that the arguments name or hold, and the folder of the raw files if it is known.

    ``find`` takes them from the catalogue. Only the full edition needs the folder.

    Raises:
        ConfigError: there are no such settings, or those of the full edition come without a folder.
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

    Raises:
        ConfigError: see ``raw_settings``; or the data set has no assets, or their files do not share a folder.
        DataError: a file is missing or has another content than its settings say.
    """
    settings, data_dir = raw_settings(arguments, lambda catalogue: catalogue.dataset(arguments.edition, arguments.name))
    if data_dir is None or settings.sample:
        raw = raw_dir(results_dir(arguments), settings.name)
        return settings, raw, _generated(raw)
    folders = {asset_path(asset, data_dir).parent for asset in settings.assets}
    if len(folders) != 1:
        files = ", ".join(asset.file for asset in settings.assets) or "none"
        raise ConfigError(f"data set {settings.name}: its assets must share one folder; their files are: {files}")
    return settings, folders.pop(), [verified(asset, data_dir) for asset in settings.assets]


def verified(asset: AssetSettings, data_dir: Path) -> AssetRecord:
    """Return the record of a raw file.

    Raises:
        DataError: it is missing or has another content than its settings say.
    """
    return AssetRecord(
        id=asset.id,
        file=asset.file,
        sha256=verify_asset(asset, data_dir),
        substitute=asset.substitute,
        comparable=asset.comparable,
    )


def _generated(raw: Path) -> list[AssetRecord]:
    """Return a record of each generated file of a data set of the sample edition; none is an official file."""
    files = sorted(path for path in raw.glob("**/*") if path.is_file() and not path.name.startswith("."))
    if not files:
        raise DataError(f"{raw}: no generated files; 'python -m rework sample {raw.parent.name}' makes them")
    return [
        AssetRecord(id=name, file=name, sha256=sha256_file(path), substitute=None, comparable=False)
        for path in files
        for name in [path.relative_to(raw).as_posix()]
    ]
