"""A data set of numbers: points and the height of a wave there, without classes."""

import numpy as np
from rework.datasets.store import RawSplits

OPTIONS = {"points": int}
PARTS = {"train": slice(0, 0.8), "validation": slice(0.8, 0.9), "test": slice(0.9, 1)}


def read(raw, _settings):
    points = np.load(raw / "waves.npy").astype(np.float32)
    splits = {}
    for name, part in PARTS.items():
        rows = points[int(part.start * len(points)) : int(part.stop * len(points))]
        splits[name] = (rows[:, :2], rows[:, 2:])
    return RawSplits(splits)
