"""The course's ten pictures for style transfer (course-notes, 4): photographs for content, paintings for style."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rework.datasets.options import check_names
from rework.formats.photographs import open_photograph
from rework.settings.data import DatasetSettings

OPTIONS: dict[str, object] = {}
CONTENTS = ("janelle.png", "octopus.jpg", "octavia.jpg", "sotomayor.jpg", "space_needle.jpg")
STYLES = ("ben_passmore.jpg", "delaunay.jpg", "hockney.jpg", "kahlo.jpg", "magritte.jpg")


def read(raw: Path, settings: DatasetSettings) -> dict[str, NDArray[np.uint8]]:
    """Read the pictures, RGB bytes, H x W x 3, by the names of their files without the suffix.

    Raises:
        DataError: one is missing or cannot be read.
        ConfigError: an option is unknown.
    """
    check_names(settings.options, OPTIONS, f"data set {settings.name}")
    return {Path(name).stem: open_photograph(raw / name) for name in (*CONTENTS, *STYLES)}
