"""CIFAR-10: 32×32 colour photographs in ten classes, in five training batches and a test batch.

Source: Krizhevsky, Learning Multiple Layers of Features from Tiny Images, University of Toronto, 2009.
"""

from pathlib import Path

from rework.datasets.holdout import hold_out_last
from rework.datasets.options import check_names
from rework.datasets.store import RawSplits
from rework.errors import DataError
from rework.formats.cifar import FOLDER, read_cifar
from rework.settings.data import DatasetSettings
from rework.settings.ranges import Count

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
FILE = "cifar-10-python.tar.gz"
# ``train`` and ``test`` are read by the sample generator, which shares the options.
OPTIONS = {"train": Count, "test": Count, "validation": Count}


def read(raw: Path, settings: DatasetSettings) -> RawSplits:
    """Read the archive in ``raw``, or the folder extracted from it; the last training images are held out.

    The validation split is the last ``options.validation`` training images, in the order of the five batches.

    Raises:
        DataError: neither the archive nor the folder exists, or its content is not CIFAR-10.
        ConfigError: an option is unknown, or ``validation`` leaves no training images.
    """
    check_names(settings.options, OPTIONS, f"data set {settings.name}")
    path = _find(raw)
    batches = read_cifar(path)
    if batches.classes != CLASSES:
        raise DataError(f"{path}: its classes are {', '.join(batches.classes)}; expected {', '.join(CLASSES)}")
    return hold_out_last(settings, batches.train, batches.test, CLASSES)


def _find(raw: Path) -> Path:
    """Return the archive if it is there, the extracted folder otherwise."""
    for path in (raw / FILE, raw / FOLDER):
        if path.exists():
            return path
    raise DataError(f"{raw}: holds neither {FILE} nor the folder {FOLDER}; fetch the archive")
