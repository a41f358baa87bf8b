"""The embedded sample in place of NIST36: letters and digits of several typefaces, distorted, in the official files."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rework.datasets.nist36 import ARCHIVE, CLASSES, PARTS, SIZE, member_name
from rework.datasets.options import check_names, positive_count
from rework.formats.mat import labelled_pictures_file
from rework.formats.zip_archive import write_zip
from rework.samples.characters import draw_characters
from rework.seeds import derive_seed

HEIGHT = 23.0  # of a character, in pixels: as much of the picture as in the official ones


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the archive into ``raw``; ``options`` are the numbers of pictures per class of train, valid and test."""
    where = "the sample of nist36"
    check_names(options, tuple(PARTS.values()), where)
    counts = {part: positive_count(options, part, where) for part in PARTS.values()}
    members = (
        (f"data/{member_name(part)}", _file(part, count, derive_seed(seed, part))) for part, count in counts.items()
    )
    write_zip(raw / ARCHIVE, members, zipfile.ZIP_DEFLATED)


def _file(part: str, count: int, seed: int) -> bytes:
    """Return the MATLAB file of a part with so many pictures of each class, dark on white."""
    labels = np.repeat(np.arange(len(CLASSES), dtype=np.uint8), count)
    pictures = 255 - draw_characters(labels, np.random.default_rng(seed), "".join(CLASSES), SIZE, HEIGHT)
    return labelled_pictures_file(part, pictures, labels.astype(np.int64), len(CLASSES))
