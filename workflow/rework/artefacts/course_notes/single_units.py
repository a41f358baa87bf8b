"""Single units that learn to separate two classes: the notes' algorithms, point by point, and a fit to all points.

A unit is a row of its weights followed by its bias, float (features + 1,).
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from rework.numpy_network.activations import sigmoid

Floats = NDArray[np.float64]

# How far a point of class y moves a unit with the score z, and in which direction, both before the learning rate.
Rule = Callable[[Floats, float, Floats], tuple[Floats, Floats]]


def _as_printed(scores: Floats, label: float, point: Floats) -> tuple[Floats, Floats]:
    return label - (scores >= 0).astype(np.float64), np.ones_like(point)


def _perceptron(scores: Floats, label: float, point: Floats) -> tuple[Floats, Floats]:
    return label - (scores >= 0).astype(np.float64), point


def _gradient(scores: Floats, label: float, point: Floats) -> tuple[Floats, Floats]:
    return label - sigmoid(scores), point


RULES: Mapping[str, Rule] = {
    "perceptron as printed": _as_printed,
    "perceptron": _perceptron,
    "gradient descent": _gradient,
}
"""The notes' perceptron algorithm, which moves every weight by the rate alone; the right one; and gradient descent."""


def random_starts(seed: int, features: int, count: int) -> Floats:
    """Return units (count, features + 1) with weights of a standard deviation of 1/sqrt(features) and no bias.

    The generator is the one that the course's exercise uses, so that its first unit is the exercise's.
    """
    weights = np.random.RandomState(seed).normal(scale=features**-0.5, size=(count, features))
    return np.hstack([weights, np.zeros((count, 1))])


def visit_points(points: Floats, labels: Floats, starts: Floats, rule: str, rate: float, epochs: int) -> Floats:
    """Train units from several starts at once, point by point in the given order.

    Args:
        points: shape (N, features).
        labels: 0 or 1, shape (N,).
        starts: shape (starts, features + 1).
        rule: a key of ``RULES``.
        rate: the learning rate.
        epochs: passes over the points.

    Returns:
        The units before the first epoch and after each, shape (epochs + 1, starts, features + 1).
    """
    step, units = RULES[rule], starts.copy()
    found = np.empty((epochs + 1, *starts.shape))
    found[0] = units
    visits = list(zip(points, labels.tolist(), strict=True))
    for epoch in range(1, epochs + 1):
        # Each visit starts from where the one before ended: the epochs cannot be computed at once.
        for point, label in visits:
            amount, direction = step(units[:, :-1] @ point + units[:, -1], label, point)
            units[:, :-1] += rate * amount[:, None] * direction
            units[:, -1] += rate * amount
        found[epoch] = units
    return found


def scores_of(units: Floats, points: Floats) -> Floats:
    """Return the scores of points (N, features) for units (..., features + 1), shape (..., N)."""
    return units[..., :-1] @ points.T + units[..., -1:]


def accuracy_of(units: Floats, points: Floats, labels: Floats) -> Floats:
    """Return the share of points on the right side of each boundary, shape (...)."""
    shares: Floats = ((scores_of(units, points) >= 0) == (labels == 1)).mean(axis=-1)
    return shares


def cross_entropy_of(units: Floats, points: Floats, labels: Floats) -> Floats:
    """Return the mean cross-entropy of the points for each unit, in nats, shape (...)."""
    # -ln sigmoid(z) = ln(1 + exp(-z)), which neither overflows nor takes the logarithm of 0.
    losses: Floats = np.logaddexp(0, np.where(labels == 1, -1, 1) * scores_of(units, points)).mean(axis=-1)
    return losses


def fitted_unit(points: Floats, labels: Floats, steps: int = 2000, rate: float = 1.0) -> Floats:
    """Return the unit of the least cross-entropy of all points, by gradient descent on all of them at once.

    The points are scaled to a mean of 0 and a standard deviation of 1 on the way, which is undone in the result.
    """
    mean, deviation = points.mean(axis=0), points.std(axis=0)
    inputs = np.column_stack([(points - mean) / deviation, np.ones(len(points))])
    unit = np.zeros(inputs.shape[1])
    for _ in range(steps):
        unit -= rate * inputs.T @ (sigmoid(inputs @ unit) - labels) / len(labels)
    weights = unit[:-1] / deviation
    return np.append(weights, unit[-1] - weights @ mean)
