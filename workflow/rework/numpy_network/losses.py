"""Losses, summed over the batch, with their derivatives (nist36, Q2.2.3 and Q5)."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def cross_entropy(scores: Floats, targets: NDArray[np.int64]) -> tuple[float, Floats]:
    """Return the sum of -log p(right), in nats, and its derivative: probabilities less targets.

    Args:
        scores: outputs of a linear last layer, shape (N, classes).
        targets: class numbers, shape (N,).
    """
    rows = np.arange(len(targets))
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_sums = np.log(np.exp(shifted).sum(axis=1))
    loss = float((log_sums - shifted[rows, targets]).sum())
    delta = np.exp(shifted - log_sums[:, None])
    delta[rows, targets] -= 1
    return loss, delta


def squared_error(outputs: Floats, targets: Floats) -> tuple[float, Floats]:
    """Return the sum of (output - target)^2, and its derivative; both of shape (N, values)."""
    difference = outputs - targets
    return float((difference**2).sum()), 2 * difference
