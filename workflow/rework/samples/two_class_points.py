"""The embedded sample in place of the course's points: two clouds in the unit square that overlap a little."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rework.datasets.options import check_names
from rework.datasets.two_class_points import COLUMNS, FILE, OPTIONS
from rework.formats.number_tables import write_numbers

PER_CLASS = 50
CENTRES = {1: 0.35, 0: 0.65}  # of both coordinates, by class
SPREAD = 0.15


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the points into ``raw``, those of class 1 first, as the course does."""
    check_names(options, OPTIONS, "sample of two-class-points")
    generator = np.random.default_rng(seed)
    labels = np.repeat(list(CENTRES), PER_CLASS).astype(np.float64)
    centres = np.repeat(list(CENTRES.values()), PER_CLASS)[:, None]
    points = (centres + SPREAD * generator.standard_normal((len(labels), 2))).round(5)
    write_numbers(raw / FILE, dict(zip(COLUMNS, [*points.T, labels], strict=True)), header=False)
