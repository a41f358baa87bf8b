"""MNIST: 28×28 grey pictures of handwritten digits, in four idx files.

Source: LeCun, Bottou, Bengio and Haffner, Gradient-Based Learning Applied to Document Recognition, Proceedings of the
IEEE 86 (11), 1998.
"""

from pathlib import Path

from rework.datasets.idx_pictures import read_idx_pictures
from rework.datasets.store import RawSplits
from rework.settings.data import DatasetSettings
from rework.settings.ranges import Count

CLASSES = tuple("0123456789")
# ``train`` and ``test`` are read by the sample generator, which shares the options.
OPTIONS = {"train": Count, "test": Count, "validation": Count}


def read(raw: Path, settings: DatasetSettings) -> RawSplits:
    """Read the four files in ``raw``, as ``read_idx_pictures`` does."""
    return read_idx_pictures(raw, settings, OPTIONS, CLASSES)
