"""Verifying the file of an asset by its SHA-256, either published or recorded at the first download."""

from pathlib import Path

from rework.errors import ConfigError, DataError
from rework.files import sha256_file, write_text
from rework.settings.data import AssetSettings

_START = 1024
"""Bytes that are read of a recorded checksum, which is the first word."""


def asset_path(asset: AssetSettings, data_dir: Path) -> Path:
    """Return the path of an asset's file.

    Raises:
        ConfigError: the asset's ``file`` is outside the data folder.
    """
    relative = Path(asset.file)
    if relative.is_absolute() or ".." in relative.parts or not relative.name:
        raise ConfigError(f"asset {asset.id}: file {asset.file!r} must be a path inside the data folder")
    return data_dir / relative


def record_path(path: Path) -> Path:
    """Return the file that records the checksum of a download without a published one."""
    return path.with_name(f"{path.name}.sha256")


def expected_sha256(asset: AssetSettings, path: Path) -> str | None:
    """Return the checksum that the file must have, or None if none is published or recorded yet.

    Raises:
        DataError: the recorded checksum is damaged, or does not begin with what is known of it.
    """
    if asset.sha256 is not None:
        return asset.sha256.lower()
    record = record_path(path)
    if not record.is_file():
        return None
    with record.open("rb") as file:
        words = file.read(_START).decode(errors="replace").split()
    if not words or len(words[0]) != 64 or set(words[0]) - set("0123456789abcdef"):
        raise DataError(f"{record}: does not start with a SHA-256 of 64 hexadecimal digits; delete it to record anew")
    if not words[0].startswith(asset.sha256_start):
        raise DataError(f"{record}: SHA-256 {words[0]}, expected one that begins with {asset.sha256_start}; delete it")
    return words[0]


def record_sha256(path: Path, sha256: str) -> None:
    """Record a checksum beside a file, in the format of ``sha256sum``."""
    write_text(record_path(path), f"{sha256}  {path.name}\n")


def contradiction(asset: AssetSettings, path: Path, found: str, recorded: str) -> str:
    """Return what to do about a file that contradicts the checksum that was recorded at its first use.

    Nobody published that checksum, so it may as well be the record that is wrong: the file is left alone.
    """
    record = record_path(path)
    return (
        f"asset {asset.id}: {path} has SHA-256 {found}, but {record}, made at the first use and not published, records "
        f"{recorded}; if this file is the right one, delete {record.name}, else move the file away; then run "
        f"'python -m rework fetch {asset.id}'"
    )


def verify_asset(asset: AssetSettings, data_dir: Path) -> str:
    """Return the SHA-256 of an asset's file after checking it against the expected one.

    Raises:
        DataError: the file is missing or has the wrong content.
    """
    path = asset_path(asset, data_dir)
    if not path.is_file():
        raise DataError(f"asset {asset.id}: {path}: no such file; 'python -m rework fetch {asset.id}' gets it")
    found, expected = sha256_file(path), expected_sha256(asset, path)
    if expected is not None and found != expected and asset.sha256 is None:
        raise DataError(contradiction(asset, path, found, expected))
    if expected is None and not found.startswith(asset.sha256_start):
        expected = f"one that begins with {asset.sha256_start}"
    if expected is not None and found != expected:
        raise DataError(
            f"asset {asset.id}: {path} has SHA-256 {found}, expected {expected}; "
            f"'python -m rework fetch {asset.id}' replaces it"
        )
    return found
