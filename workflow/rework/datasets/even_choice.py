"""Choosing examples to hold out evenly, without random numbers."""

import numpy as np
from numpy.typing import NDArray


def evenly(targets: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """Return which examples to hold out, bool (N,): ``count`` at equal distances, class by class, in the given order.

    So each class loses the same share, and neighbours, which are often pictures of one thing, are seldom kept together.
    """
    by_class = np.argsort(targets, kind="stable")
    chosen = np.zeros(len(targets), dtype=bool)
    chosen[by_class[(np.arange(count) * len(targets) + len(targets) // 2) // count]] = True
    return chosen
