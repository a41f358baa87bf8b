"""The embedded sample in place of the scenes: eight kinds that differ in colours and patterns."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.datasets.options import positive_count
from rework.datasets.scenes8 import ARCHIVE
from rework.samples.photograph_archive import grain, grid, jpeg, write_archive

CLASSES = ("aquarium", "desert", "highway", "kitchen", "laundromat", "park", "waterfall", "windmill")
# Colours above and below the horizon, and directions (in degrees) of the pattern on the lower part.
ABOVE = ((0.2, 0.4, 0.7), (0.5, 0.7, 0.9), (0.6, 0.7, 0.8), (0.8, 0.7, 0.6))
BELOW = ((0.1, 0.3, 0.5), (0.8, 0.6, 0.4), (0.4, 0.4, 0.4), (0.3, 0.5, 0.2))
DIRECTIONS = (0, 90, 45, 135)


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write pictures and lists into the archive; ``options`` are the numbers of each class in training and test."""
    where = "the sample of scenes8"
    counts = {name: positive_count(options, f"{name}_per_class", where) for name in ("train", "test")}
    write_archive(raw / ARCHIVE, _members(np.random.default_rng(seed), counts))


def _members(random: np.random.Generator, counts: Mapping[str, int]) -> Iterator[tuple[str, bytes]]:
    for split, count in counts.items():
        names = [f"{name}/{split}_{place:03d}.jpg" for name in CLASSES for place in range(count)]
        labels = np.repeat(np.arange(len(CLASSES)), count)
        for name, label in zip(names, labels, strict=True):
            yield name, jpeg(draw_scene(int(label), random))
        yield f"{split}_files.txt", "".join(f"{name}\n" for name in names).encode()
        yield f"{split}_labels.txt", "".join(f"{label}\n" for label in labels).encode()


def draw_scene(kind: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return a scene of a kind, H x W x 3 in 0..1.

    A kind shares its colours with some kinds and its pattern with others; horizon, pattern width and light are random.
    """
    rows, columns = grid()
    horizon = random.uniform(-0.5, 0.2) + 0.1 * np.sin(3 * columns + random.uniform(0, 6))
    below = (rows > horizon)[..., None]
    colours = np.where(below, BELOW[kind // 2], ABOVE[(kind + 1) // 2 % 4]) + random.normal(0, 0.06, 3)
    turn = np.deg2rad(DIRECTIONS[kind % 4] + random.normal(0, 8))
    along = rows * np.cos(turn) + columns * np.sin(turn)
    waves = np.sin(along * random.uniform(14, 26) + random.uniform(0, 6))[..., None]
    scene: NDArray[np.float64] = colours + 0.12 * below * waves + grain(random) + random.normal(0, 0.05)
    return scene
