"""Writing generated pictures in the four idx files of MNIST and of the data sets made after it."""

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.datasets.idx_pictures import FILES
from rework.datasets.options import check_names, positive_count
from rework.formats.idx import write_idx
from rework.seeds import derive_seed

COUNTS = {"train": 8000, "test": 1000}
Draw = Callable[[int, int], tuple[NDArray[np.uint8], NDArray[np.uint8]]]


def write_idx_pictures(
    raw: Path, seed: int, options: Mapping[str, Any], dataset: str, known: Collection[str], draw: Draw
) -> None:
    """Write the files of a generated set into ``raw``. The same seed and options give the same bytes.

    Args:
        raw: folder for the files.
        seed: seed of all random numbers.
        options: ``train`` and ``test``, the numbers of images (default: 8000 and 1000).
        dataset: name of the data set, for messages.
        known: names of the options that the data set has.
        draw: returns as many images (N, H, W) and labels (N,) as its first argument says, from the seed in its second.

    Raises:
        ConfigError: an option is unknown or no positive number.
    """
    where = f"sample of {dataset}"
    check_names(options, known, where)
    counts = {split: positive_count(options, split, where, default=COUNTS[split]) for split in FILES}
    for split, (images_file, labels_file) in FILES.items():
        images, labels = draw(counts[split], derive_seed(seed, split))
        write_idx(raw / images_file, images)
        write_idx(raw / labels_file, labels)
