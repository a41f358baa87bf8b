"""The photographs of handwriting of nist36, Q4, from an archive, with the true text of each."""

import importlib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from rework.datasets.options import check_names
from rework.errors import ConfigError, DataError
from rework.formats.member_names import short_name
from rework.formats.photographs import photograph_from
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
    # Names in archives are brought to this form too.
    truth = {unicodedata.normalize("NFC", name): lines for name, lines in truth.items()}
    pictures, names = _pictures(archive, truth)
    missing = sorted(set(truth) - set(pictures))
    if missing:
        there = short_name(", ".join(names)) or "none"
        raise DataError(f"{archive}: no picture of {', '.join(missing)}; there are {there}")
    return tuple(TextPage(name, pictures[name], tuple(truth[name])) for name in sorted(truth))


def _truth(settings: DatasetSettings) -> Mapping[str, tuple[str, ...]]:
    if settings.sample:
        pages: Mapping[str, tuple[str, ...]] = importlib.import_module(settings.sample_module).PAGES
        return pages
    return settings.options.get("truth", {})  # type: ignore[no-any-return]


def _pictures(archive: Path, wanted: Collection[str]) -> tuple[dict[str, NDArray[np.uint8]], list[str]]:
    """Return the wanted pictures by name, and the names of all; a broken one that nobody asks for does not matter."""
    names: list[str] = []

    def is_wanted(name: PurePosixPath) -> bool:
        if _is_picture(name):
            names.append(name.stem)
        return _is_picture(name) and name.stem in wanted

    pictures: dict[str, NDArray[np.uint8]] = {}
    for name, content in read_zip_members(archive, is_wanted, LARGEST):
        if name.stem in pictures:
            raise DataError(f"{archive}: holds the picture {short_name(name.stem)} twice")
        pictures[name.stem] = photograph_from(content, f"{archive}: {short_name(name)}")
    return pictures, sorted(names)


def _is_picture(name: PurePosixPath) -> bool:
    return name.suffix.lower() in SUFFIXES and not name.name.startswith(".")
