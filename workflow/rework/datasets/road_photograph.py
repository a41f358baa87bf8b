"""The photograph of a road on which the course shows its filters (course-notes, 3.2 and 3.6)."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rework.datasets.options import check_names
from rework.formats.photographs import open_photograph
from rework.settings.data import DatasetSettings

OPTIONS: dict[str, object] = {}
FILE = "curved_lane.jpg"


def read(raw: Path, settings: DatasetSettings) -> dict[str, NDArray[np.uint8]]:
    """Read the picture, RGB bytes, H x W x 3, by the name of its file.

    Raises:
        DataError: it is missing or cannot be read.
        ConfigError: an option is unknown.
    """
    check_names(settings.options, OPTIONS, f"data set {settings.name}")
    path = raw / FILE
    return {path.stem: open_photograph(path)}
