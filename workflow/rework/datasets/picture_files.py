"""Storing whole pictures of any size, by name, with a description of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.datasets.layouts import PICTURES_FILE
from rework.datasets.store import AssetRecord, write_description
from rework.errors import DataError
from rework.evaluation.archive import write_npz
from rework.recorded import verified_sha256
from rework.settings.data import DatasetSettings


def write_dataset(
    directory: Path,
    raw: Mapping[str, NDArray[np.uint8]],
    settings: DatasetSettings,
    *,
    assets: Sequence[AssetRecord] = (),
    provenance: Mapping[str, Any] | None = None,
) -> str:
    """Write pictures (RGB bytes, H x W x 3) and their description; return their sizes as text."""
    pictures = directory / PICTURES_FILE
    write_npz(pictures, raw)
    sizes = {name: list(picture.shape) for name, picture in raw.items()}
    write_description(directory, settings, [pictures], assets, provenance, pictures=sizes)
    return ", ".join(f"{name} {picture.shape[1]} × {picture.shape[0]}" for name, picture in raw.items())


def stored_picture(directory: Path, name: str) -> NDArray[np.uint8]:
    """Return one picture of a data set that ``write_dataset`` wrote, RGB bytes, H x W x 3.

    Raises:
        DataError: the data set has no such picture, or its file is missing or changed.
    """
    path = directory / PICTURES_FILE
    verified_sha256(path)
    with np.load(path, allow_pickle=False) as archive:
        if name not in archive:
            raise DataError(f"{path}: no picture {name!r}; there are {', '.join(archive)}")
        found: NDArray[np.uint8] = archive[name]
    return found
