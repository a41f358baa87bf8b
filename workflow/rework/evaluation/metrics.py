"""Metrics of a classifier, computed from plain arrays without torch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def accuracy(labels: NDArray[np.int64], targets: NDArray[np.int64]) -> float:
    """Return the share of examples with the correct label, in 0..1; both arrays have shape (N,)."""
    return float((labels == targets).mean())


def word_accuracy(labels: NDArray[np.int64], targets: NDArray[np.int64], offsets: NDArray[np.int64]) -> float:
    """Return the share of words whose examples are all labelled correctly, in 0..1.

    >>> word_accuracy(np.array([1, 2, 3, 4]), np.array([1, 2, 3, 0]), offsets=np.array([0, 2, 4]))
    0.5

    Args:
        labels: shape (N,).
        targets: shape (N,).
        offsets: bounds of the words, shape (words + 1,), from 0 to N; no word is empty.
    """
    return float(np.logical_and.reduceat(labels == targets, offsets[:-1]).mean())


def mean_negative_log_likelihood(log_probabilities: NDArray[np.floating[Any]], targets: NDArray[np.int64]) -> float:
    """Return the mean of ``-log p(right class)`` in nats, summed in float64.

    Args:
        log_probabilities: shape (N, classes).
        targets: class numbers, shape (N,).
    """
    chosen = np.take_along_axis(log_probabilities, targets[:, None], axis=1)
    return float(-chosen.mean(dtype=np.float64))
