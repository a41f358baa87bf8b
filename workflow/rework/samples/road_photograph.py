"""The embedded sample in place of the photograph of a road: a drawn road that bends between two fields."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from rework.datasets.options import check_names
from rework.datasets.road_photograph import FILE
from rework.files import write_bytes
from rework.samples.photograph_archive import jpeg

HEIGHT, WIDTH = 180, 320
HORIZON = 0.42  # of the height
_SKY, _FIELD, _TARMAC, _PAINT = (0.62, 0.75, 0.90), (0.38, 0.46, 0.24), (0.36, 0.36, 0.38), (0.93, 0.92, 0.86)

_Floats = NDArray[np.float64]


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the picture into ``raw``, as JPEG; ``options`` must be empty."""
    check_names(options, (), "sample of the road")
    write_bytes(raw / FILE, jpeg(draw_road(np.random.default_rng(seed))))


def draw_road(random: np.random.Generator) -> _Floats:
    """Return a road with painted edges and a dashed middle line, (H, W, 3) in 0..1."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH] / HEIGHT
    # 0 at the horizon, 1 at the lower edge; the distance along the road is its inverse.
    near = (rows - HORIZON) / (1 - HORIZON)
    ground = near > 0
    bend = random.uniform(0.35, 0.5)
    middle = WIDTH / HEIGHT / 2 + bend * (1 - near) ** 2 - 0.1
    half = 0.03 + 0.75 * near
    across = np.where(ground, (columns - middle) / half, 9.0)  # from -1 to 1 on the road
    picture = np.where(ground[..., None], _FIELD, np.array(_SKY) * (1.1 - 0.25 * rows[..., None]))
    texture = gaussian_filter(random.normal(0, 1, (HEIGHT, WIDTH)), (0.6, 1.6))
    picture = picture + (texture * np.where(ground, 0.09, 0.01))[..., None]
    road = np.abs(across) < 1
    picture[road] = (np.array(_TARMAC) + 0.05 * texture[..., None])[road]
    dashes = np.sin(9.0 / np.maximum(near, 0.03)) > 0
    painted = (np.abs(np.abs(across) - 0.9) < 0.045) | ((np.abs(across) < 0.03) & dashes)
    picture[painted] = _PAINT
    smooth: _Floats = gaussian_filter(picture, (0.5, 0.5, 0))
    return smooth.clip(0, 1)
