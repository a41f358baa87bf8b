"""Scenes: photographs of eight kinds of places, with lists that divide them into training and test sets.

Source: Xiao, Hays, Ehinger, Oliva and Torralba, SUN Database, CVPR 2010; chosen for a course (16-720 Computer Vision).
"""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from rework.datasets.even_choice import evenly
from rework.datasets.options import check_names, positive_count
from rework.datasets.store import Arrays, RawSplits
from rework.errors import ConfigError, DataError
from rework.formats.member_names import member_path, short_name
from rework.formats.picture_archive import read_members, square_picture
from rework.formats.texts import decoded
from rework.messages import short_reason, short_text
from rework.settings.data import DatasetSettings
from rework.settings.ranges import Count, Side

ARCHIVE = "scenes8.tgz"
LISTS = ("train_files.txt", "train_labels.txt", "test_files.txt", "test_labels.txt")
CLASS_COUNT = 8
# The last two are read by the sample generator.
OPTIONS = {"size": Side, "validation": Count, "train_per_class": Count, "test_per_class": Count}


def read(raw: Path, settings: DatasetSettings) -> RawSplits:
    """Read the photographs named in the lists; an even choice of the training list becomes the validation split.

    Raises:
        DataError: the archive is damaged, or a list is missing or wrong, or names a picture that does not exist.
        ConfigError: an option is unknown, or leaves nothing to train on.
    """
    where = f"data set {settings.name}"
    check_names(settings.options, OPTIONS, where)
    size, validation = (positive_count(settings.options, name, where) for name in ("size", "validation"))
    path = raw / ARCHIVE
    lists: dict[str, list[str]] = {}
    pictures: dict[str, NDArray[np.uint8] | DataError] = {}
    for name, content in read_members(
        path, lambda name: name.name in LISTS or name.suffix.lower() in (".jpg", ".jpeg")
    ):
        file, key = PurePosixPath(name).name, _key(name)
        if file in lists or key in pictures:
            raise DataError(f"{path}: {short_name(file if file in lists else key)} is in it twice, in two folders")
        if file in LISTS:
            lists[file] = decoded(content, f"{path}: {file}").split()
        else:
            pictures[key] = _picture(content, size, f"{path}: {short_name(name)}")
    missing = [name for name in LISTS if name not in lists]
    if missing:
        raise DataError(f"{path}: holds no {missing[0]}")
    train, classes = _listed(path, "train", lists, pictures)
    test, test_classes = _listed(path, "test", lists, pictures)
    if test_classes != classes:
        raise DataError(f"{path}: the training list calls the classes {classes}, the test list {test_classes}")
    count = len(train[1])
    if validation >= count:
        raise ConfigError(f"{where}: option validation is {validation}, but there are only {count} training pictures")
    held_out = evenly(train[1], validation)
    return RawSplits(
        splits={
            "train": (train[0][~held_out], train[1][~held_out]),
            "validation": (train[0][held_out], train[1][held_out]),
            "test": test,
        },
        classes=classes,
        notes=(
            f"Of the {count} pictures of the training list {validation} are the validation split, evenly by class.",
        ),
    )


def _picture(content: bytes, size: int, where: str) -> NDArray[np.uint8] | DataError:
    """Return a picture, or what is wrong with it: that matters only if a list names it."""
    try:
        return square_picture(content, size, where)
    except DataError as error:
        return error


def _listed(
    path: Path, split: str, lists: Mapping[str, list[str]], pictures: Mapping[str, NDArray[np.uint8] | DataError]
) -> tuple[Arrays, tuple[str, ...]]:
    """Return the pictures and targets of a list, and the names of the classes, which are those of the folders."""
    files, labels = lists[f"{split}_files.txt"], lists[f"{split}_labels.txt"]
    if len(files) != len(labels) or not files:
        raise DataError(f"{path}: {split}_files.txt names {len(files)} pictures, {split}_labels.txt has {len(labels)}")
    absent = [name for name in files if _key(name) not in pictures]
    if absent:
        raise DataError(f"{path}: {split}_files.txt names {short_name(absent[0])}, which is not in the archive")
    numbers = _numbers(path, split, labels)
    # Sorted by number; a class with pictures in two folders, or a folder with two numbers, appears twice.
    pairs = sorted(
        {(number, PurePosixPath(name).parent.name) for number, name in zip(numbers, map(_key, files), strict=True)}
    )
    names = tuple(folder for _, folder in pairs)
    if len(pairs) != CLASS_COUNT or len(set(names)) != CLASS_COUNT:
        raise DataError(
            f"{path}: {split}_labels.txt: expected one number for each folder; there are {short_text(pairs)}"
        )
    found = []
    for name in files:
        picture = pictures[_key(name)]
        if isinstance(picture, DataError):
            raise picture
        found.append(picture)
    return (np.stack(found), np.array(numbers, dtype=np.int64)), names


def _numbers(path: Path, split: str, labels: list[str]) -> list[int]:
    """Return class numbers from 0; the lists may count from 0 or from 1."""
    try:
        numbers = [int(label) for label in labels]
    except ValueError as error:
        raise DataError(f"{path}: {split}_labels.txt: {short_reason(error)}; expected whole numbers") from None
    least = min(numbers)
    if least not in (0, 1) or set(numbers) != set(range(least, least + CLASS_COUNT)):
        raise DataError(f"{path}: {split}_labels.txt: expected each of {CLASS_COUNT} classes, numbered from 0 or 1")
    return [number - least for number in numbers]


def _key(name: str) -> str:
    """Return the folder and name of a file, which identify it in both the lists and the archive."""
    return "/".join(member_path(name).parts[-2:])
