"""The embedded sample in place of the pictures for style transfer: drawn things for content, drawn patterns for style.

They have the names of the official pictures, and nothing else in common with them.
"""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from rework.datasets.options import check_names
from rework.datasets.style_pictures import CONTENTS, STYLES
from rework.files import write_bytes
from rework.samples import vehicles_and_animals as things
from rework.samples.affine import affine_matrix
from rework.samples.painting import Painting, Random
from rework.samples.photograph_archive import jpeg

SIDE, SCALE = 128, 4
_DRAWN: Mapping[str, Callable[[Painting, Random], None]] = {
    "janelle": things.cat,
    "octopus": things.bird,
    "octavia": things.dog,
    "sotomayor": things.horse,
    "space_needle": things.ship,
}
_Floats = NDArray[np.float64]


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the pictures into ``raw``, in the official formats; ``options`` must be empty."""
    check_names(options, (), "sample of the pictures for style transfer")
    random = np.random.default_rng(seed)
    for name in CONTENTS:
        write_bytes(raw / name, _encoded(name, draw_thing(_DRAWN[Path(name).stem], random)))
    for name in STYLES:
        write_bytes(raw / name, _encoded(name, draw_pattern(random)))


def draw_thing(draw: Callable[[Painting, Random], None], random: Random) -> _Floats:
    """Return a thing before a background of two colours, H x W x 3 in 0..1."""
    upper, lower = random.uniform(0.55, 0.95, 3), random.uniform(0.25, 0.7, 3)
    rows = np.linspace(0, 1, SCALE * SIDE)[:, None, None]
    ground = np.broadcast_to(np.where(rows < 0.65, upper, lower), (SCALE * SIDE, SCALE * SIDE, 3))
    background = Image.fromarray(np.rint(255 * ground).astype(np.uint8))
    size = random.uniform(0.7, 0.85, 2)
    painting = Painting(background, SCALE, affine_matrix(random.uniform(-0.2, 0.2), 0.0, size, np.zeros(2)))
    draw(painting, random)
    noise = random.normal(0, 0.02, (SIDE, SIDE, 1))
    return (painting.pixels() / 255 + noise).clip(0, 1)


def draw_pattern(random: Random) -> _Floats:
    """Return coloured stripes that are bent and run into each other, H x W x 3 in 0..1."""
    rows, columns = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    angle, bend = random.uniform(0, np.pi), random.uniform(0.3, 1.2)
    along = rows * np.sin(angle) + columns * np.cos(angle) + bend * np.sin(2 * (rows * np.cos(angle) + columns))
    colours = random.uniform(0, 1, (5, 3))
    stripes = np.floor(along * random.uniform(3, 8)).astype(int) % len(colours)
    picture: _Floats = gaussian_filter(colours[stripes], (0.8, 0.8, 0)) + random.normal(0, 0.04, (SIDE, SIDE, 1))
    return picture.clip(0, 1)


def _encoded(name: str, picture: _Floats) -> bytes:
    if Path(name).suffix == ".jpg":
        return jpeg(picture)
    content = io.BytesIO()
    Image.fromarray(np.rint(255 * picture).astype(np.uint8)).save(content, "PNG")
    return content.getvalue()
