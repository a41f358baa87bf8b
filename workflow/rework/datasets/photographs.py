"""The photographs of handwriting of nist36, Q4, from an archive, with the true text of each."""

import importlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from rework.datasets.options import check_names
from rework.errors import ConfigError, DataError
from rework.formats.photographs import open_photograph
from rework.formats.zip_archive import read_zip_members
from rework.settings.data import DatasetSettings

OPTIONS = {"truth": Mapping[str, tuple[str, ...]]}
SUFFIXES = (".jpg", ".jpeg", ".png")
LARGEST = 50 * 2**20  # bytes of one picture; the official ones have 2 MB or less


@dataclass(frozen=True)
class TextPage:
    """A page: its name, the picture (RGB bytes, H x W x 3), and the lines of its text, words separated by blanks."""

    name: str
    picture: NDArray[np.uint8]
    truth: tuple[str, ...]


def read(raw: Path, settings: DatasetSettings) -> tuple[TextPage, ...]:
    """Read the pages whose text is known, in the order of their names.

    Raises:
        DataError: the archive is damaged, or a picture is missing or cannot be read.
        ConfigError: an option is unknown, or no text is given.
    """
    check_names(settings.options, OPTIONS, f"data set {settings.name}")
    truth = _truth(settings)
    if not truth:
        raise ConfigError(f"data set {settings.name}: option truth: expected the lines of at least one page")
    archives = sorted(raw.glob("*.zip")) or [raw / "images.zip"]
    if len(archives) > 1:
        raise DataError(f"{raw}: expected one archive, found {', '.join(path.name for path in archives)}")
    (archive,) = archives
    pictures = dict(_pictures(archive))
    missing = sorted(set(truth) - set(pictures))
    if missing:
        raise DataError(f"{archive}: no picture of {', '.join(missing)}; there are {', '.join(sorted(pictures))}")
    return tuple(TextPage(name, pictures[name], tuple(truth[name])) for name in sorted(truth))


def _truth(settings: DatasetSettings) -> Mapping[str, tuple[str, ...]]:
    if settings.sample:
        pages: Mapping[str, tuple[str, ...]] = importlib.import_module(settings.sample_module).PAGES
        return pages
    return settings.options.get("truth", {})  # type: ignore[no-any-return]


def _pictures(archive: Path) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Yield the name and content of each picture; names from the archive are never used on disk."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in read_zip_members(archive, _is_picture, LARGEST):
            copy = Path(folder) / f"picture{name.suffix.lower()}"
            copy.write_bytes(content)
            yield name.stem, _opened(copy, archive, name)


def _is_picture(name: PurePosixPath) -> bool:
    return name.suffix.lower() in SUFFIXES and not name.name.startswith(".")


def _opened(copy: Path, archive: Path, name: PurePosixPath) -> NDArray[np.uint8]:
    try:
        return open_photograph(copy)
    except DataError as error:
        raise DataError(f"{archive}: {name}: {str(error).removeprefix(f'{copy}: ')}") from None
