"""The assets of ``config/assets.yaml``, and overlay files that replace them with substitutes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rework.catalogue.loading import load_yaml
from rework.catalogue.validation import validate
from rework.errors import ConfigError
from rework.messages import unknown_name
from rework.settings.data import AssetSettings


def load_assets(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, AssetSettings]:
    """Return the assets of a validated ``assets.yaml``.

    Raises:
        ConfigError: a file is outside the data folder, a path has needless parts, or two assets name the same file.
    """
    assets: dict[str, AssetSettings] = {}
    owners: dict[str, str] = {}
    for name, table in tables.items():
        file = table["file"]
        where = f"config/assets.yaml: key assets.{name}.file"
        if ".." in Path(file).parts:
            raise ConfigError(f"{where}: found {file!r}, expected a path inside data_dir")
        if (plain := Path(file).as_posix()) != file:
            raise ConfigError(f"{where}: found {file!r}, expected {plain!r}, which is the same file")
        # Some file systems do not tell upper from lower case.
        if (other := owners.setdefault(file.lower(), name)) != name:
            raise ConfigError(f"{where}: {file!r} is already the file of asset {other!r}; give it another path")
        assets[name] = AssetSettings.from_json({**table, "id": name}, f"config/assets.yaml: asset {name}")
    return assets


@dataclass(frozen=True)
class Substitute:
    """An asset with a substitute file, and the folder of that file."""

    asset: AssetSettings
    folder: Path


def load_substitutes(path: Path, shown: str, assets: Mapping[str, AssetSettings]) -> dict[str, Substitute]:
    """Return the substitutes in an overlay file, by asset.

    Args:
        path: the overlay file.
        shown: its name in messages.
        assets: all assets as declared.

    Raises:
        ConfigError: the overlay is wrong, or names an unknown asset or a file that does not exist.
    """
    table = load_yaml(path, shown)
    validate(table, "substitutes", shown)
    found = {}
    for name, entry in table["assets"].items():
        if name not in assets:
            raise ConfigError(f"{shown}: key assets.{name}: {unknown_name('asset', name, assets)}")
        file = path.parent / entry["file"]
        if not file.is_file():
            raise ConfigError(
                f"{shown}: key assets.{name}.file: there is no file {entry['file']!r}; the path starts at the overlay"
            )
        asset = replace(
            assets[name],
            urls=(),  # so the official file is not downloaded
            sha256=entry["sha256"],
            bytes=file.stat().st_size,
            substitute=entry["sentence"],
            comparable=entry.get("comparable", False),
        )
        found[name] = Substitute(asset, file.parent)
    return found
