"""The embedded sample in place of MNIST: digits of several typefaces, distorted, in the official idx files.

The digits are drawn by ``samples.characters``.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.datasets.idx_pictures import SIZE
from rework.datasets.mnist import CLASSES, OPTIONS
from rework.samples.characters import draw_characters
from rework.samples.idx_pictures import write_idx_pictures

HEIGHT = 20.0  # of a digit, in pixels
_CHUNK = 1000  # pictures computed at once, which bounds memory


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the four idx files of a generated set into ``raw``, as ``write_idx_pictures`` does."""
    write_idx_pictures(raw, seed, options, "mnist", OPTIONS, draw_split)


def draw_split(count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return ``count`` images (count, 28, 28) and labels (count,), the classes equally frequent and in random order."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(count) % len(CLASSES)).astype(np.uint8)
    images = [
        draw_characters(labels[start:][:_CHUNK], random, "".join(CLASSES), SIZE, HEIGHT)
        for start in range(0, count, _CHUNK)
    ]
    return np.concatenate(images), labels
