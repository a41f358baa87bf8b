"""The embedded sample in place of CIFAR-10: drawn vehicles and animals of the same ten classes, in the official file.

The pictures vary in proportions, colours, direction, position, size, scenery, light and noise, and some things are
partly hidden by a post. As in the original, the scenery hints at the class: ships are mostly, but not always, on water.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from rework.datasets.cifar_10 import CLASSES, FILE, OPTIONS
from rework.datasets.options import check_names, positive_count
from rework.errors import ConfigError
from rework.formats.cifar import SHAPE, TRAIN_BATCHES, CifarBatches, write_cifar
from rework.formats.labelled_pictures import LabelledPictures
from rework.samples import vehicles_and_animals as things
from rework.samples.affine import affine_matrix
from rework.samples.painting import Painting
from rework.seeds import derive_seed

DRAWERS: Mapping[str, Callable[[Painting, np.random.Generator], None]] = {
    "airplane": things.airplane,
    "automobile": things.automobile,
    "bird": things.bird,
    "cat": things.cat,
    "deer": things.deer,
    "dog": things.dog,
    "frog": things.frog,
    "horse": things.horse,
    "ship": things.ship,
    "truck": things.truck,
}
COUNTS = {"train": 5000, "test": 1000}
_SIZE = SHAPE[1]
_SCALE = 4
# Upper and lower colour of each scenery.
_SCENERIES = {
    "sky": ((105, 155, 215), (170, 200, 230)),
    "water": ((160, 190, 215), (45, 85, 120)),
    "meadow": ((150, 180, 190), (90, 125, 60)),
    "forest": ((50, 75, 45), (85, 90, 50)),
    "road": ((155, 160, 160), (110, 108, 105)),
    "room": ((190, 170, 150), (140, 110, 90)),
}
# The usual sceneries of each class; about every fourth picture has some other one.
_USUAL = {
    "airplane": ("sky", "sky", "road"),
    "automobile": ("road", "road", "meadow"),
    "bird": ("sky", "forest", "water"),
    "cat": ("room", "room", "meadow"),
    "deer": ("forest", "meadow", "forest"),
    "dog": ("room", "meadow", "road"),
    "frog": ("forest", "meadow", "water"),
    "horse": ("meadow", "meadow", "forest"),
    "ship": ("water", "water", "sky"),
    "truck": ("road", "road", "sky"),
}


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write ``cifar-10-python.tar.gz`` of a generated set into ``raw``. The same seed and options give the same bytes.

    Args:
        raw: folder for the file.
        seed: seed of all random numbers.
        options: ``train`` and ``test``, the numbers of images (default: 5000 and 1000); the former is a multiple of 5.

    Raises:
        ConfigError: an option is unknown or not positive, or ``train`` does not make five equal batches.
    """
    where = "sample of cifar-10"
    check_names(options, OPTIONS, where)
    counts = {split: positive_count(options, split, where, default=default) for split, default in COUNTS.items()}
    if counts["train"] % len(TRAIN_BATCHES):
        raise ConfigError(
            f"{where}: option train is {counts['train']}, expected a multiple of {len(TRAIN_BATCHES)}, the number of"
            " training batches"
        )
    splits = {split: draw_split(count, derive_seed(seed, split)) for split, count in counts.items()}
    write_cifar(raw / FILE, CifarBatches(train=splits["train"], test=splits["test"], classes=CLASSES))


def draw_split(count: int, seed: int) -> LabelledPictures:
    """Return images (count, 3, 32, 32) and labels (count,), with all classes equally frequent, in random order."""
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(count, dtype=np.int64) % len(CLASSES))
    pictures = np.stack([draw_thing(CLASSES[label], random) for label in labels])
    return _photographed(pictures, random).transpose(0, 3, 1, 2), labels


def draw_thing(name: str, random: np.random.Generator) -> NDArray[np.uint8]:
    """Return one clean picture of a class in front of its scenery, (32, 32, 3)."""
    painting = Painting(_scenery(name, random), _SCALE, _random_transform(random))
    DRAWERS[name](painting, random)
    return painting.pixels()


def _scenery(name: str, random: np.random.Generator) -> Image.Image:
    """Return a background: two uneven areas that meet at a horizon, and a few things in the distance."""
    kind = str(random.choice(_USUAL[name] if random.random() < 0.75 else list(_SCENERIES)))
    side = _SIZE * _SCALE
    upper, lower = (_tinted(colour, random) for colour in _SCENERIES[kind])
    image = Image.new("RGB", (side, side), upper)
    draw = ImageDraw.Draw(image)
    horizon = random.uniform(0.35, 0.75, 2) * side
    draw.polygon([(0, horizon[0]), (side, horizon[1]), (side, side), (0, side)], fill=lower)
    for _ in range(random.integers(0, 5)):
        x, y = random.uniform(0, side, 2)
        across, down = random.uniform(0.04, 0.2, 2) * side
        draw.ellipse(
            (x - across, y - down, x + across, y + down), fill=_tinted(upper if y > side / 2 else lower, random)
        )
    return image


def _tinted(colour: tuple[int, int, int], random: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (np.array(colour) + random.normal(0, 25) + random.normal(0, 12, 3)).clip(0, 255)
    return int(red), int(green), int(blue)


def _random_transform(random: np.random.Generator) -> NDArray[np.float64]:
    """Return a matrix (2, 3) that scales, slants, turns, shifts and, every other time, mirrors."""
    angle, slant = random.normal(0.0, 0.08), random.normal(0.0, 0.1)
    scale = random.uniform(0.8, 1.1) * random.uniform(0.88, 1.12, size=2)
    if random.random() < 0.5:
        scale[0] *= -1
    return affine_matrix(angle, slant, scale, random.uniform(-0.15, 0.15, size=2))


def _photographed(pictures: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Return the pictures (N, 32, 32, 3) under uneven light, with less contrast, hidden parts and noise."""
    count = len(pictures)
    rows, columns = np.mgrid[0:_SIZE, 0:_SIZE][..., None] / _SIZE - 0.5
    slope = random.uniform(-0.3, 0.3, (2, count, 1, 1, 1)).astype(np.float32)
    light = 1 + slope[0] * rows.astype(np.float32) + slope[1] * columns.astype(np.float32)
    mean = pictures.mean(axis=(1, 2, 3), keepdims=True, dtype=np.float32)
    contrast = random.uniform(0.65, 1.05, (count, 1, 1, 1)).astype(np.float32)
    shots = (mean + (pictures - mean) * contrast) * light + random.normal(0, 12, (count, 1, 1, 1)).astype(np.float32)
    shots = np.where(_hidden(count, random), random.uniform(20, 200, (count, 1, 1, 3)).astype(np.float32), shots)
    noise = random.standard_normal(shots.shape, dtype=np.float32)
    shots += noise * random.uniform(2, 14, (count, 1, 1, 1)).astype(np.float32)
    levels: NDArray[np.uint8] = np.rint(shots).clip(0, 255).astype(np.uint8)
    return levels


def _hidden(count: int, random: np.random.Generator) -> NDArray[np.bool_]:
    """Return which pixels lie behind a post in the foreground, (N, 32, 32, 1): about every tenth picture has one."""
    columns = np.arange(_SIZE)[None, None, :, None]
    left = random.integers(0, _SIZE, (count, 1, 1, 1))
    width = random.integers(3, 9, (count, 1, 1, 1)) * (random.random((count, 1, 1, 1)) < 0.1)
    covered = (columns >= left) & (columns < left + width)
    return np.broadcast_to(covered, (count, _SIZE, _SIZE, 1))
