"""Reading MNIST and the data sets made after it: 28×28 grey pictures of ten classes, in four idx files."""

from collections.abc import Collection
from pathlib import Path

from rework.datasets.holdout import hold_out_last
from rework.datasets.options import check_names
from rework.datasets.store import RawSplits
from rework.formats.idx import read_pair
from rework.settings.data import DatasetSettings

SIZE = 28  # side of a picture
FILES = {
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}
"""Names of the files of pictures and labels of each split."""


def read_idx_pictures(
    raw: Path, settings: DatasetSettings, options: Collection[str], classes: tuple[str, ...]
) -> RawSplits:
    """Read the four files in ``raw``; the last ``options.validation`` training images become the validation split.

    Args:
        raw: folder of the files.
        settings: of the data set.
        options: names of the options that it has.
        classes: names of its classes.

    Raises:
        DataError: a file is missing, damaged or not what its name says.
        ConfigError: an option is unknown, or ``validation`` does not leave training images.
    """
    check_names(settings.options, options, f"data set {settings.name}")
    train, test = (
        read_pair(raw / images, raw / labels, height=SIZE, width=SIZE, classes=len(classes))
        for images, labels in (FILES["train"], FILES["test"])
    )
    return hold_out_last(settings, train, test, classes)
