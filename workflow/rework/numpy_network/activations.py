"""Activation functions, each with its derivative as a function of its output (nist36, Q1.4)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Activation:
    """A function of the pre-activations, and its derivative written in terms of the result."""

    function: Callable[[Floats], Floats]
    derivative: Callable[[Floats], Floats]


def sigmoid(scores: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)), by way of tanh, which never overflows."""
    return 0.5 + 0.5 * np.tanh(0.5 * scores)


def softmax(scores: Floats) -> Floats:
    """Return the probabilities of each row of scores, shape (N, classes).

    The greatest score of a row is taken from all of it first: the result is the same (Q1.1), and
    no exponential is greater than 1.
    """
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


ACTIVATIONS = {
    "sigmoid": Activation(sigmoid, lambda output: output * (1 - output)),
    "tanh": Activation(np.tanh, lambda output: 1 - output**2),
    "relu": Activation(
        lambda scores: np.maximum(scores, 0),
        lambda output: (output > 0).astype(np.float64),
    ),
    "linear": Activation(lambda scores: scores, np.ones_like),
}
