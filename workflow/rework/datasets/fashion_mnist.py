"""Fashion-MNIST: 28×28 grey pictures of garments in ten classes, in four idx files.

Source: Xiao, Rasul and Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms,
arXiv:1708.07747, 2017.
"""

from pathlib import Path

from rework.datasets.idx_pictures import read_idx_pictures
from rework.datasets.store import RawSplits
from rework.settings.data import DatasetSettings
from rework.settings.ranges import Count

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
# ``train`` and ``test`` are read by the sample generator, which shares the options.
OPTIONS = {"train": Count, "test": Count, "validation": Count}


def read(raw: Path, settings: DatasetSettings) -> RawSplits:
    """Read the four files in ``raw``, as ``read_idx_pictures`` does."""
    return read_idx_pictures(raw, settings, OPTIONS, CLASSES)
