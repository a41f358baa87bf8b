"""The embedded sample in place of the admissions: students drawn at random, decided by a known rule and chance."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rework.datasets.admissions import COLUMNS, FILE, OPTIONS, RANKS
from rework.datasets.options import check_names
from rework.formats.number_tables import write_numbers

STUDENTS = 400


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the students into ``raw``: better results and a better rank raise the chance of admission."""
    check_names(options, OPTIONS, "sample of admissions")
    generator = np.random.default_rng(seed)
    ability = generator.standard_normal(STUDENTS)
    # Both results follow the same ability, so they are correlated, as true ones are.
    gre = (590 + 80 * ability + 80 * generator.standard_normal(STUDENTS)).clip(200, 800).round(-1)
    gpa = (3.3 + 0.25 * ability + 0.25 * generator.standard_normal(STUDENTS)).clip(0, 4).round(2)
    rank = generator.choice(RANKS, STUDENTS).astype(np.float64)
    score = (gre - 590) / 120 + (gpa - 3.3) / 0.35 - 0.8 * (rank - 2.5) - 1
    admit = (generator.random(STUDENTS) < 1 / (1 + np.exp(-score))).astype(np.float64)
    write_numbers(raw / FILE, dict(zip(COLUMNS, (admit, gre, gpa, rank), strict=True)), header=True)
