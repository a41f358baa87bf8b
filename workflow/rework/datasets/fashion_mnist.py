"""Fashion-MNIST: 28×28 grey pictures of garments in ten classes, in four idx files.

Source: Xiao, Rasul and Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms,
arXiv:1708.07747, 2017.
"""

from pathlib import Path

from rework.datasets.options import check_names, positive_count
from rework.datasets.store import RawSplits
from rework.errors import ConfigError
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
    where = f"data set {settings.name}"
    check_names(settings.options, OPTIONS, where)
    validation = positive_count(settings.options, "validation", where)
    train, test = (
        read_pair(raw / images, raw / labels, height=SIZE, width=SIZE, classes=len(CLASSES))
        for images, labels in (FILES["train"], FILES["test"])
    )
    count = len(train[0])
    if validation >= count:
        raise ConfigError(f"{where}: option validation is {validation}, but there are only {count} training images")
    kept = count - validation
    return RawSplits(
        splits={
            "train": (train[0][:kept], train[1][:kept]),
            "validation": (train[0][kept:], train[1][kept:]),
            "test": test,
        },
        classes=CLASSES,
        notes=(f"The last {validation} of the {count} training images are the validation split.",),
    )
