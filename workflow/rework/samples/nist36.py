"""The embedded sample in place of NIST36: letters and digits of several typefaces, distorted, in the official files."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rework.datasets.nist36 import ARCHIVE, CLASSES, PARTS, SIZE, member_name
from rework.datasets.options import check_names, positive_count
from rework.files import atomic_path
from rework.formats.mat import labelled_pictures_file
from rework.samples.characters import draw_characters
from rework.seeds import derive_seed

HEIGHT = 23.0  # of a character, in pixels: as much of the picture as in the official ones


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the archive into ``raw``; ``options`` are the numbers of pictures per class of train, valid and test."""
    where = "the sample of nist36"
    check_names(options, tuple(PARTS.values()), where)
    with atomic_path(raw / ARCHIVE) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in PARTS.values():
            random = np.random.default_rng(derive_seed(seed, part))
            labels = np.repeat(np.arange(len(CLASSES), dtype=np.uint8), positive_count(options, part, where))
            # Dark on white.
            pictures = 255 - draw_characters(labels, random, "".join(CLASSES), SIZE, HEIGHT)
            member = zipfile.ZipInfo(f"data/{member_name(part)}", (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            content = labelled_pictures_file(part, pictures, labels.astype(np.int64), len(CLASSES))
            archive.writestr(member, content)
