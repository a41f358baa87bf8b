"""Metrics of a classifier: plain arrays in, numbers out, no torch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def accuracy(labels: NDArray[np.int64], targets: NDArray[np.int64]) -> float:
    """Return the share of examples with the right label, in 0..1; both arrays have shape (N,)."""
    return float((labels == targets).mean())


def word_accuracy(labels: NDArray[np.int64], targets: NDArray[np.int64], offsets: NDArray[np.int64]) -> float:
    """Return the share of words whose examples are all labelled right, in 0..1.

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
