"""Fashion-MNIST: 28×28 grey pictures of garments in ten classes, in four idx files.

Source: Xiao, Rasul and Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms,
arXiv:1708.07747, 2017.
"""

from pathlib import Path

from rework.datasets.holdout import hold_out_last
from rework.datasets.options import check_names
from rework.datasets.store import RawSplits
from rework.formats.idx import read_pair
from rework.settings.data import DatasetSettings

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
SIZE = 28
FILES = {
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}
# ``train`` and ``test`` are read by the generator of the sample, which shares the options.
OPTIONS = ("train", "test", "validation")


def read(raw: Path, settings: DatasetSettings) -> RawSplits:
    """Read the four files in ``raw``; the last ``options.validation`` training images become the validation split.

    Raises:
        DataError: a file is missing, damaged or not what its name says.
        ConfigError: an option is unknown, or ``validation`` does not leave training images.
    """
    check_names(settings.options, OPTIONS, f"data set {settings.name}")
    train, test = (
        read_pair(raw / images, raw / labels, height=SIZE, width=SIZE, classes=len(CLASSES))
        for images, labels in (FILES["train"], FILES["test"])
    )
    return hold_out_last(settings, train, test, CLASSES)
