"""Assets of ``config/assets.yaml`` and the overlay files that put substitutes in their place."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rework.configuration.loading import load_yaml
from rework.configuration.validation import unknown_name, validate
from rework.errors import ConfigError
from rework.settings.data import AssetSettings


def load_assets(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, AssetSettings]:
    """Return the assets of a validated ``assets.yaml``.

    Raises:
        ConfigError: a file leads out of the data folder, or two assets name the same one.
    """
    assets: dict[str, AssetSettings] = {}
    owners: dict[str, str] = {}
    for name, table in tables.items():
        file = table["file"]
        where = f"config/assets.yaml: key assets.{name}.file"
        if ".." in Path(file).parts:
            raise ConfigError(f"{where}: found {file!r}, expected a path inside data_dir")
        if file in owners:
            raise ConfigError(f"{where}: {file!r} is already the file of asset {owners[file]!r}")
        owners[file] = name
        assets[name] = AssetSettings(id=name, **{**table, "urls": tuple(table["urls"])})
    return assets


def load_substitutes(path: Path, assets: Mapping[str, AssetSettings]) -> dict[str, AssetSettings]:
    """Return the assets with those replaced that an overlay file names.

    Raises:
        ConfigError: the overlay is wrong, names an unknown asset, or a file that is not there.
    """
    shown = path.name
    table = load_yaml(path, shown)
    validate(table, "substitutes", shown)
    replaced = dict(assets)
    for name, entry in table["assets"].items():
        if name not in assets:
            raise ConfigError(f"{shown}: key assets: {unknown_name('asset', name, assets)}")
        file = path.parent / entry["file"]
        if not file.is_file():
            raise ConfigError(f"{shown}: key assets.{name}.file: there is no file {entry['file']!r} beside the overlay")
        replaced[name] = replace(
            assets[name],
            urls=(),  # it is found by its checksum, since the overlay's folder counts as a local folder
            sha256=entry["sha256"],
            bytes=file.stat().st_size,
            substitute=entry["sentence"],
            exact=entry.get("exact", False),
        )
    return replaced
