"""The mean of all batches since the start of a training, which some courses plot as its loss."""

import numpy as np
from numpy.typing import NDArray


def running_means(means: NDArray[np.float64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the mean over all updates since the start, after each epoch.

    A program that never empties its list of losses prints this in place of the mean over the epoch.

    Args:
        means: mean over each epoch, float (..., epochs).
        steps: updates up to the end of each epoch, int (..., epochs), so that a shorter last epoch counts for less.

    >>> running_means(np.array([1.0, 0.5, 0.3]), np.array([10, 20, 30])).round(3).tolist()
    [1.0, 0.75, 0.6]
    """
    counts = np.diff(steps, axis=-1, prepend=0)
    found: NDArray[np.float64] = np.cumsum(means * counts, axis=-1) / steps
    return found
