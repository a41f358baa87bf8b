"""The embedded sample in place of Fashion-MNIST: drawn garments of the same ten classes, in the official idx files.

The pictures vary in proportions, position, size, slant, direction, shade, texture and noise, so that a linear model
does clearly worse on them than a convolutional network (a test measures it).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.datasets.fashion_mnist import CLASSES, OPTIONS
from rework.datasets.idx_pictures import SIZE
from rework.samples import garments
from rework.samples.affine import affine_matrix
from rework.samples.idx_pictures import write_idx_pictures

DRAWERS: Mapping[str, Callable[[garments.Sketch, np.random.Generator, float], None]] = {
    "T-shirt/top": garments.t_shirt,
    "Trouser": garments.trouser,
    "Pullover": garments.pullover,
    "Dress": garments.dress,
    "Coat": garments.coat,
    "Sandal": garments.sandal,
    "Shirt": garments.shirt,
    "Sneaker": garments.sneaker,
    "Bag": garments.bag,
    "Ankle boot": garments.ankle_boot,
}
# Shoes are photographed from either side; the other garments are symmetric up to details.
SIDED = ("Sandal", "Sneaker", "Ankle boot")
_SCALE = 4


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the four idx files of a generated set into ``raw``, as ``write_idx_pictures`` does."""
    write_idx_pictures(raw, seed, options, "fashion-mnist", OPTIONS, draw_split)


def draw_split(count: int, seed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return ``count`` images (count, 28, 28) and labels (count,), the classes equally frequent and in random order."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(count) % len(CLASSES)).astype(np.uint8)
    images: NDArray[np.uint8] = np.stack([draw_garment(CLASSES[label], random) for label in labels])
    return images, labels


def draw_garment(name: str, random: np.random.Generator) -> NDArray[np.uint8]:
    """Return one picture of a garment, (28, 28), on a black background."""
    sketch = garments.Sketch(SIZE, _SCALE, _random_transform(random, flip=name in SIDED and random.random() < 0.5))
    DRAWERS[name](sketch, random, float(random.uniform(0.6, 1.0)))
    picture = sketch.pixels()
    cloth = picture * _texture(random)
    noise = random.normal(0.0, random.uniform(0.01, 0.05), size=picture.shape)
    # As in the original, the background is clean: only what is covered by cloth is noisy.
    finished = cloth + noise * (picture > 0)
    levels: NDArray[np.float64] = np.rint(255 * finished.clip(0.0, 1.0))
    return levels.astype(np.uint8)


def _random_transform(random: np.random.Generator, *, flip: bool) -> NDArray[np.float64]:
    """Return a matrix (2, 3) that scales, slants, turns and shifts a little, and mirrors if ``flip``."""
    angle, slant = random.normal(0.0, 0.1), random.normal(0.0, 0.05)
    scale = random.uniform(0.7, 1.0, size=2)
    if flip:
        scale[0] *= -1
    return affine_matrix(angle, slant, scale, random.uniform(-0.22, 0.22, size=2))


def _texture(random: np.random.Generator) -> NDArray[np.float64]:
    """Return factors (28, 28): plain cloth, stripes across or down, checks, or dots, under uneven light."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    light = 1 + random.uniform(-0.25, 0.25) * (columns - 0.5) + random.uniform(-0.25, 0.25) * (rows - 0.5)
    depth = random.uniform(0.1, 0.4)
    first, second = random.uniform(3.0, 9.0, size=2) * 2 * np.pi
    across = np.sin(first * rows + random.uniform(0, 2 * np.pi))
    down = np.sin(second * columns + random.uniform(0, 2 * np.pi))
    patterns = {"plain": 0 * rows, "across": across, "down": down, "checks": (across + down) / 2, "dots": across * down}
    pattern = random.choice(list(patterns), p=[0.6, 0.12, 0.12, 0.08, 0.08])
    return np.asarray(light * (1 - depth * (1 + patterns[pattern]) / 2))
