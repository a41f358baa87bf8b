"""Flowers: photographs of seventeen kinds, eighty of each, scaled to one size.

Source: Nilsback and Zisserman, A Visual Vocabulary for Flower Classification, CVPR 2006.
"""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rework.datasets.even_choice import evenly
from rework.datasets.options import check_names, positive_count
from rework.datasets.store import Arrays, RawSplits
from rework.errors import ConfigError, DataError
from rework.formats.member_names import short_name
from rework.formats.picture_archive import read_members, square_picture
from rework.settings.data import DatasetSettings
from rework.settings.ranges import Count, Side

CLASSES = (
    "daffodil",
    "snowdrop",
    "lily of the valley",
    "bluebell",
    "crocus",
    "iris",
    "tiger lily",
    "tulip",
    "fritillary",
    "sunflower",
    "daisy",
    "coltsfoot",
    "dandelion",
    "cowslip",
    "buttercup",
    "windflower",
    "pansy",
)
ARCHIVE = "17flowers.tgz"
# ``per_class`` is read by the sample generator.
OPTIONS = {"size": Side, "validation": Count, "test": Count, "per_class": Count}
_NAME = re.compile(r"image_[0-9]{4}\.jpg", re.IGNORECASE)


def read(raw: Path, settings: DatasetSettings) -> RawSplits:
    """Read all photographs; an even choice of each class forms the validation and the test split.

    Raises:
        DataError: the archive is damaged, or does not hold equally many pictures of each class.
        ConfigError: an option is unknown, or leaves nothing to train on.
    """
    where = f"data set {settings.name}"
    check_names(settings.options, OPTIONS, where)
    size, validation, test = (positive_count(settings.options, name, where) for name in ("size", "validation", "test"))
    path = raw / ARCHIVE
    numbered: dict[int, NDArray[np.uint8]] = {}
    for name, content in read_members(path, lambda name: bool(_NAME.fullmatch(name.name))):
        number = int(name[-8:-4])
        if number in numbered:
            raise DataError(f"{path}: {short_name(name)} is in it twice, in two folders")
        numbered[number] = square_picture(content, size, f"{path}: {short_name(name)}")
    per_class, rest = divmod(len(numbered), len(CLASSES))
    if rest or not numbered or sorted(numbered) != list(range(1, len(numbered) + 1)):
        raise DataError(f"{path}: {len(numbered)} pictures; expected image_0001.jpg on, as many of each class")
    if validation + test >= per_class:
        raise ConfigError(f"{where}: validation and test take {validation + test} of {per_class} pictures of a class")
    pictures = np.stack([numbered[number] for number in sorted(numbered)])
    targets = np.repeat(np.arange(len(CLASSES)), per_class)
    return RawSplits(
        splits=_splits(pictures, targets, validation, test),
        classes=CLASSES,
        notes=(
            f"Of the {per_class} pictures of each class {validation} are the validation and {test} the test split, at "
            "equal distances in the archive's order.",
        ),
    )


def _splits(pictures: NDArray[np.uint8], targets: NDArray[np.int64], validation: int, test: int) -> dict[str, Arrays]:
    held_out = evenly(targets, (validation + test) * len(CLASSES))
    places = np.flatnonzero(held_out)
    for_test = np.zeros(len(targets), dtype=bool)
    for_test[places[evenly(targets[places], test * len(CLASSES))]] = True
    chosen = {"train": ~held_out, "validation": held_out & ~for_test, "test": for_test}
    return {name: (pictures[rows], targets[rows]) for name, rows in chosen.items()}
