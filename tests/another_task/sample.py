"""The generated points of the sample edition."""

import numpy as np


def generate(raw, seed, options):
    points = np.random.default_rng(seed).uniform(-1, 1, (options["points"], 3))
    points[:, 2] = np.sin(3 * points[:, 0]) + points[:, 1] ** 2
    raw.mkdir(parents=True, exist_ok=True)
    np.save(raw / "waves.npy", points)
