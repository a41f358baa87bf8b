"""Fitting single units with a penalty on their weights, for many penalties and many choices of points at once."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from rework.numpy_network.activations import sigmoid

Floats = NDArray[np.float64]
Shrink = Callable[[Floats, Floats], Floats]


def _l1(weights: Floats, amounts: Floats) -> Floats:
    shrunk: Floats = np.sign(weights) * np.maximum(np.abs(weights) - amounts, 0)
    return shrunk


def _l2(weights: Floats, amounts: Floats) -> Floats:
    return weights / (1 + 2 * amounts)


PENALTIES: Mapping[str, Shrink] = {"L1": _l1, "L2": _l2}
"""What each penalty makes of weights after a step: the least of its strength times the penalty plus half the square of
the distance (the proximal map), where plain gradient descent would never set a weight to 0."""


def fit_units(inputs: Floats, labels: Floats, strengths: Floats, penalty: str, steps: int = 200) -> Floats:
    """Return the units of the least mean cross-entropy plus strength times L1 (sum of |w|) or L2 (sum of w²).

    By the accelerated proximal gradient method (Beck and Teboulle, FISTA, 2009). The bias is not penalised.

    Args:
        inputs: shape (choices, N, features).
        labels: 0 or 1, shape (choices, N).
        strengths: λ, shape (strengths,).
        penalty: a key of ``PENALTIES``.
        steps: how many.

    Returns:
        Weights, then the bias: shape (choices, strengths, features + 1).
    """
    shrink = PENALTIES[penalty]
    design = np.concatenate([inputs, np.ones((*inputs.shape[:2], 1))], axis=2)
    count = design.shape[1]
    # The second derivative of the cross-entropy is at most a quarter of this.
    curvature = np.linalg.eigvalsh(np.swapaxes(design, 1, 2) @ design / count)[:, -1] / 4
    lengths = (1 / curvature)[:, None, None]
    units = np.zeros((len(design), len(strengths), design.shape[2]))
    ahead, momentum = units, 1.0
    for _ in range(steps):
        wrong = sigmoid(ahead @ np.swapaxes(design, 1, 2)) - labels[:, None]
        stepped = ahead - lengths * (wrong @ design) / count
        stepped[..., :-1] = shrink(stepped[..., :-1], lengths * strengths[None, :, None])
        further = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = stepped + (momentum - 1) / further * (stepped - units)
        units, momentum = stepped, further
    return units


def losses_of(units: Floats, inputs: Floats, labels: Floats) -> Floats:
    """Return the mean cross-entropy of points (choices, N, features) for each unit, shape (choices, strengths)."""
    scores = units[..., :-1] @ np.swapaxes(inputs, 1, 2) + units[..., -1:]
    losses: Floats = np.logaddexp(0, np.where(labels == 1, -1, 1)[:, None] * scores).mean(axis=2)
    return losses
