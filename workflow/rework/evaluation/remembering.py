"""How far back a network remembers, from how often it was right at each distance."""

import numpy as np
from numpy.typing import NDArray

ENOUGH = 0.5  # share of right answers


def reach(right: NDArray[np.int64], shown: NDArray[np.int64]) -> int:
    """Return up to which distance at least half of the answers are right, at it and at all nearer ones.

    >>> reach(np.array([9, 5, 4, 8]), np.array([10, 10, 10, 10]))
    2

    Args:
        right: right answers at the distances 1, 2, 3, …, shape (distances,).
        shown: all answers, likewise.
    """
    missed = np.flatnonzero(right < ENOUGH * shown)
    return int(missed[0]) if len(missed) else len(right)
