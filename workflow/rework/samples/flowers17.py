"""The embedded sample in place of the flowers: seventeen kinds that differ in petals and colours."""

import colorsys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.datasets.flowers17 import ARCHIVE, CLASSES
from rework.datasets.options import positive_count
from rework.samples.photograph_archive import grain, grid, jpeg, write_archive

HUES = (0.14, 0.78, 0.95, 0.62)  # yellow, violet, red, blue
PETALS = (3, 4, 5, 6, 8)


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the archive into ``raw``; ``options.per_class`` pictures of each kind, numbered like the official ones."""
    per_class = positive_count(options, "per_class", "the sample of flowers17")
    write_archive(raw / ARCHIVE, _members(np.random.default_rng(seed), per_class))


def _members(random: np.random.Generator, per_class: int) -> Iterator[tuple[str, bytes]]:
    for kind in range(len(CLASSES)):
        for place in range(per_class):
            yield f"jpg/image_{kind * per_class + place + 1:04d}.jpg", jpeg(draw_flower(kind, random))


def draw_flower(kind: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return a flower of a kind on green ground, H x W x 3 in 0..1.

    A kind shares its petals with some kinds and its colours with others; size, place, rotation and light are random.
    """
    petals, hue = PETALS[kind % len(PETALS)], HUES[kind % len(HUES)]
    rows, columns = grid()
    centre = random.uniform(-0.25, 0.25, 2)
    radius = np.hypot(rows - centre[0], columns - centre[1]) / random.uniform(0.5, 0.85)
    angle = np.arctan2(rows - centre[0], columns - centre[1]) + random.uniform(0, 2 * np.pi)
    edge = 0.55 + 0.4 * np.abs(np.cos(petals * angle / 2)) ** random.uniform(0.6, 1.2)
    picture = np.empty((*rows.shape, 3))
    picture[:] = colorsys.hsv_to_rgb(random.uniform(0.25, 0.38), 0.6, random.uniform(0.25, 0.5))
    petal = colorsys.hsv_to_rgb((hue + random.normal(0, 0.03)) % 1, random.uniform(0.5, 0.9), random.uniform(0.7, 1.0))
    picture[radius < edge] = petal
    picture[radius < 0.2] = colorsys.hsv_to_rgb(0.1, 0.7, random.uniform(0.4, 0.8))
    shaded: NDArray[np.float64] = picture * (1.1 - 0.3 * radius[..., None].clip(0, 1)) + grain(random)
    return shaded
