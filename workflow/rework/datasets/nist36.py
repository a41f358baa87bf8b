"""NIST36: 32×32 grey pictures of handwritten capital letters and digits, dark on white, in three MATLAB files.

Source: Carnegie Mellon University, 16-720 Computer Vision, homework 5; the writeup is `nist36`.
"""

import string
from pathlib import Path

from rework.datasets.options import check_names
from rework.datasets.store import RawSplits
from rework.formats.mat import read_labelled_pictures, zip_members
from rework.settings.data import DatasetSettings
from rework.settings.ranges import Count

CLASSES = tuple(string.ascii_uppercase + string.digits)
SIZE = 32
ARCHIVE = "data.zip"
# By split: the part of the file's name that is also the prefix of its variables.
PARTS = {"train": "train", "validation": "valid", "test": "test"}
# Pictures per class, read by the sample generator.
OPTIONS = {"train": Count, "valid": Count, "test": Count}


def member_name(part: str) -> str:
    """Return the name of a part's file in the archive."""
    return f"nist36_{part}.mat"


def read(raw: Path, settings: DatasetSettings) -> RawSplits:
    """Read the three files from the archive in ``raw``.

    Raises:
        DataError: the archive or a file is missing, damaged, or not what its name says.
        ConfigError: an option is unknown.
    """
    check_names(settings.options, OPTIONS, f"data set {settings.name}")
    names = {split: member_name(part) for split, part in PARTS.items()}
    path = raw / ARCHIVE
    members = zip_members(path, tuple(names.values()))
    return RawSplits(
        splits={
            split: read_labelled_pictures(members[name], f"{path}: {name}", PARTS[split], len(CLASSES), SIZE)
            for split, name in names.items()
        },
        classes=CLASSES,
        notes=("The files hold numbers; they are rounded to 256 levels of grey, and what overshoots is cut off.",),
    )
