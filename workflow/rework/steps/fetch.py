"""Find or download one asset, verify it, and report where it came from."""

import argparse
from pathlib import Path
from typing import Any

from rework.assets import Fetched, fetch_asset
from rework.errors import ConfigError
from rework.settings.data import AssetSettings
from rework.steps.arguments import given_settings, load_catalogue


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument("name", nargs="?", help="asset, as in config/assets.yaml")
    parser.add_argument("--settings", help="the settings as JSON, instead of a name (as the rules call this step)")
    parser.add_argument("--data-dir", type=Path, help="folder of the raw files (default: data_dir of the config)")
    parser.add_argument(
        "--local-folder", type=Path, action="append", help="folder to search before the network; may be repeated"
    )
    parser.add_argument("--offline", action="store_true", help="leave the network alone")


def main(arguments: argparse.Namespace) -> None:
    """Run the step."""
    asset = given_settings(arguments, AssetSettings)
    if asset is None:
        catalogue = load_catalogue()
        asset = _named(catalogue, arguments.name)
        data_dir = arguments.data_dir or catalogue.config.data_dir
        folders = [*(arguments.local_folder or ()), *map(Path, catalogue.config.local_folders)]
        offline = arguments.offline or catalogue.config.offline
    else:
        data_dir, folders, offline = arguments.data_dir, list(arguments.local_folder or ()), arguments.offline
        if data_dir is None:
            raise ConfigError("fetch: --settings needs --data-dir")
    fetched = fetch_asset(asset, data_dir, folders, offline=offline)
    print(f"{asset.id}: {_sentence(fetched)}", flush=True)


def _named(catalogue: Any, name: str) -> AssetSettings:
    asset: AssetSettings | None = catalogue.assets.get(name)
    if asset is None:
        raise ConfigError(f"fetch: no asset {name!r}; config/assets.yaml has: {', '.join(sorted(catalogue.assets))}")
    return asset


def _sentence(fetched: Fetched) -> str:
    size = f"{fetched.path.stat().st_size:,} bytes, SHA-256 {fetched.sha256}"
    if fetched.how == "present":
        return f"already at {fetched.path} ({size})"
    moved = "" if fetched.aside is None else f"; the file with other content that was there is now {fetched.aside}"
    return f"{fetched.how} from {fetched.origin} to {fetched.path} ({size}){moved}"
