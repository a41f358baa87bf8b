"""Mini-batches, and stochastic gradient descent with momentum (nist36, Q2.4 and Q5.1)."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


def minibatches(count: int, batch_size: int, generator: np.random.Generator) -> Iterator[Rows]:
    """Yield the rows of each batch of an epoch, each example once, in a new order.

    The last batch may be smaller.
    """
    order = generator.permutation(count)
    for start in range(0, count, batch_size):
        yield order[start : start + batch_size]


def writeup_batches(
    count: int,
    batch_size: int,
    generator: np.random.Generator,
) -> Iterator[Rows]:
    """Yield as many batches as an epoch has, each drawn with replacement.

    The writeup draws them once, before the first epoch. About 1/e of all examples are in none.
    """
    for _ in range(-(-count // batch_size)):
        yield generator.integers(count, size=batch_size)


class MomentumSGD:
    """velocity = momentum * velocity - learning rate * gradient; parameter += velocity.

    The arrays of the parameters are changed in place.
    """

    def __init__(
        self,
        parameters: Mapping[str, Floats],
        learning_rate: float,
        momentum: float = 0.0,
    ) -> None:
        self.parameters = parameters
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.velocities = {name: np.zeros_like(values) for name, values in parameters.items()}

    def step(self, gradients: Mapping[str, Floats]) -> None:
        """Make one update from gradients by name."""
        for name, values in self.parameters.items():
            velocity = self.velocities[name]
            velocity *= self.momentum
            velocity -= self.learning_rate * gradients[name]
            values += velocity
