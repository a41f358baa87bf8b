"""Metrics of a classifier, from its log-probabilities: plain arrays in, numbers out, no torch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def accuracy(log_probabilities: NDArray[np.floating[Any]], targets: NDArray[np.int64]) -> float:
    """Return the share of examples whose most probable class is the right one, in 0..1.

    Args:
        log_probabilities: shape (N, classes); of equal values the first class counts.
        targets: class numbers, shape (N,).
    """
    return float((log_probabilities.argmax(axis=1) == targets).mean())


def mean_negative_log_likelihood(log_probabilities: NDArray[np.floating[Any]], targets: NDArray[np.int64]) -> float:
    """Return the mean of ``-log p(right class)`` in nats, summed in float64.

    Args:
        log_probabilities: shape (N, classes).
        targets: class numbers, shape (N,).
    """
    chosen = np.take_along_axis(log_probabilities, targets[:, None], axis=1)
    return float(-chosen.mean(dtype=np.float64))
