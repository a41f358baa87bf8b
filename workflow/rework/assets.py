"""Getting an asset: from where it belongs, else from local folders by checksum, else from its addresses in order."""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rework.downloading import DownloadError, DownloadSettings, discard, download
from rework.errors import DataError
from rework.files import atomic_path, sha256_file
from rework.first_bytes import looks_like, start_of
from rework.formats.proofs import fault_of
from rework.settings.data import AssetSettings
from rework.verification import asset_path, contradiction, expected_sha256, record_sha256


@dataclass(frozen=True)
class Fetched:
    """A verified file: its path, its SHA-256, and how it got there; ``origin`` is a path or an address.

    ``aside`` is where a file with other content went that was in its place.
    """

    path: Path
    sha256: str
    how: Literal["present", "copied", "downloaded"]
    origin: str
    aside: Path | None = None


def fetch_asset(
    asset: AssetSettings,
    data_dir: Path,
    local_folders: Sequence[Path] = (),
    *,
    offline: bool = False,
    settings: DownloadSettings | None = None,
) -> Fetched:
    """Return the verified file of an asset in ``data_dir``, after copying or downloading it if necessary.

    A file that is already in place is only verified. If its content is wrong, it stays until the right one is there,
    and is then moved aside, as it may be the only copy of something. For an asset without a published checksum, the
    first file that proves its format is taken and its checksum recorded beside it; the file is checked against it from
    then on. One that contradicts such a record stays unless the recorded content is found in a folder: the record may
    be what is wrong, so the network is not asked.

    Args:
        asset: the asset to get.
        data_dir: the folder of the files of all assets; it is also searched for files under other names.
        local_folders: further folders to search, in order.
        offline: whether to stay off the network.
        settings: limits of a download.

    Raises:
        DataError: nothing had the right content. The message says what was tried, with each result, and where to put
            the file by hand.
    """
    path = asset_path(asset, data_dir)
    expected = expected_sha256(asset, path)
    answers: list[str] = []
    if path.is_file():
        found = sha256_file(path)
        fault = _fault(asset, expected, path, found)
        if fault is None:
            return _finish(asset, path, found, None, "present", str(path))
        answers.append(f"{path}: {fault}")
    for folder in dict.fromkeys((data_dir, *local_folders)):
        source = _search(asset, expected, folder, path)
        if source is not None:
            return _finish(asset, path, *_copy(source, path), "copied", str(source))
        answers.append(f"{folder}: {'no file with this content' if folder.is_dir() else 'no such folder'}")
    if asset.sha256 is None and expected is not None and path.is_file():
        raise DataError(contradiction(asset, path, sha256_file(path), expected))
    if offline:
        answers.append("network: not asked (offline)")
    else:
        for url in asset.urls:
            try:
                found, aside = _download(asset, url, path, expected, settings or DownloadSettings())
            except DownloadError as failure:
                answers.append(f"{url}: {failure}")
            else:
                return _finish(asset, path, found, aside, "downloaded", url)
    raise DataError(_failure(asset, path, expected, answers))


def _accepts(asset: AssetSettings, expected: str | None, path: Path, found: str) -> bool:
    if expected is not None:
        return found == expected
    return found.startswith(asset.sha256_start) and (asset.bytes is None or path.stat().st_size == asset.bytes)


def _fault(asset: AssetSettings, expected: str | None, path: Path, found: str) -> str | None:
    """Return what is wrong with the content of a file, or None; without a checksum, it must prove its format."""
    if not _accepts(asset, expected, path, found):
        return f"wrong content (SHA-256 {found}{_seems(path)})"
    return fault_of(path, asset.file) if expected is None else None


def _search(asset: AssetSettings, expected: str | None, folder: Path, path: Path) -> Path | None:
    """Return a file in ``folder`` with the content of the asset.

    Only files of the right size are hashed, those with the right name first, or with the name that one gets which is
    moved aside. If the size is unknown, only files with these names are considered; if the checksum is unknown too,
    only the one in the right place.
    """
    if expected is None:
        candidate = folder / asset.file
        found = _hash(candidate) if candidate.is_file() and candidate != path else ""
        return candidate if found and _fault(asset, None, candidate, found) is None else None
    named, sized = [], []
    for candidate in _walk(folder):
        if candidate == path or (asset.bytes is not None and _size(candidate) != asset.bytes):
            continue
        if candidate.name == path.name or candidate.name.startswith(_aside_name(path, "")):
            named.append(candidate)
        elif asset.bytes is not None:
            sized.append(candidate)
    return next((candidate for candidate in named + sized if _hash(candidate) == expected), None)


def _name(asset: AssetSettings, expected: str | None) -> str:
    """Return the name under which ``_search`` finds an asset, as a phrase."""
    if expected is None:
        return f"as {asset.file}"
    return "under any name" if asset.bytes is not None else f"under the name {Path(asset.file).name}"


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder in a fixed order, except hidden files and unfinished downloads."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _hash(path: Path) -> str:
    """Return the SHA-256 of a file, or an empty string if it cannot be read and so is no candidate."""
    try:
        return sha256_file(path)
    except OSError:
        return ""


def _move_aside(path: Path) -> Path | None:
    """Rename a file with other content, if there is one, and return its new path, which its hash is a part of."""
    if not path.is_file():
        return None
    return path.replace(path.with_name(_aside_name(path, sha256_file(path))))


def _aside_name(path: Path, sha256: str) -> str:
    return f"{path.name}.other-{sha256[:8]}"


def _copy(source: Path, path: Path) -> tuple[str, Path | None]:
    """Copy a file into place; return the SHA-256 of the copy, and where the file went that was there."""
    try:
        with atomic_path(path) as partial:
            shutil.copyfile(source, partial)
            return sha256_file(partial), _move_aside(path)
    except OSError as error:
        raise DataError(f"copying {source} to {path} failed: {error.strerror or error}") from None


def _download(
    asset: AssetSettings, url: str, path: Path, expected: str | None, settings: DownloadSettings
) -> tuple[str, Path | None]:
    """Download into a partial file, verify it and move it into place.

    Returns:
        Its SHA-256, and where the file went that was there.
    """
    partial = path.with_name(f".{path.name}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    resumed = download(url, partial, asset.bytes, settings, asset.id, checked=expected is not None)
    found = sha256_file(partial)
    if resumed and not _accepts(asset, expected, partial, found):
        # The two parts may come from different files, whatever the server said.
        discard(partial)
        download(url, partial, asset.bytes, settings, asset.id, checked=expected is not None)
        found = sha256_file(partial)
    fault = _fault_of_download(asset, expected, partial, found)
    if fault is not None:
        discard(partial)
        raise DownloadError(fault, retry=False)
    aside = _move_aside(path)
    partial.replace(path)
    return found, aside


def _fault_of_download(asset: AssetSettings, expected: str | None, partial: Path, found: str) -> str | None:
    if _accepts(asset, expected, partial, found):
        fault = fault_of(partial, asset.file) if expected is None else None
        return None if fault is None else f"sent what {fault}"
    wanted = expected or (f"{asset.sha256_start}…" if asset.sha256_start else f"{asset.bytes:,} bytes")
    sent = f"{partial.stat().st_size:,} bytes, SHA-256 {found}"
    return f"sent other content ({sent}), expected {wanted}{_seems(partial)}"


def _seems(path: Path) -> str:
    like = looks_like(start_of(path))
    return "" if like is None else f"; it looks like {like}"


def _finish(
    asset: AssetSettings,
    path: Path,
    found: str,
    aside: Path | None,
    how: Literal["present", "copied", "downloaded"],
    origin: str,
) -> Fetched:
    if asset.sha256 is None:
        record_sha256(path, found)
    return Fetched(path, found, how, origin, aside)


def _known_of(asset: AssetSettings) -> str:
    """Return what is known of a checksum that is neither published nor recorded."""
    if asset.sha256_start:
        return f"begins with {asset.sha256_start}; the first such file of its format is taken and its checksum recorded"
    return "not published: the first file of its format is taken and its checksum recorded"


def _failure(asset: AssetSettings, path: Path, expected: str | None, answers: Sequence[str]) -> str:
    size = "unknown" if asset.bytes is None else f"{asset.bytes:,}"
    lines = [
        f"asset {asset.id}: no file with the right content could be had",
        "tried, in order:",
        *(f"  {answer}" for answer in answers),
        *(["  network: no address is configured for this asset"] if not asset.urls else []),
        "to provide it by hand, put the file here:",
        f"  {path.absolute()}",
        f"  SHA-256 {expected or _known_of(asset)}",
        f"  bytes   {size}",
        f"or name a folder with it {_name(asset, expected)} in local_folders (config/config.yaml) or REWORK_DATA",
        f"or report what needs it as not run: snakemake --cores 8 --config 'without=[\"{asset.id}\"]'",
    ]
    return "\n".join(lines)
