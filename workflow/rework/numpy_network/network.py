"""A sequence of affine layers, forward and backward (nist36, Q2.1 to Q2.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rework.numpy_network.activations import ACTIVATIONS

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Layer:
    """y = activation(x W + b): weights (inputs, outputs), biases (outputs,)."""

    weights: Floats
    biases: Floats
    activation: str

    def forward(self, inputs: Floats) -> Floats:
        """Return the outputs for rows of inputs, (N, inputs) -> (N, outputs)."""
        return ACTIVATIONS[self.activation].function(inputs @ self.weights + self.biases)


@dataclass(frozen=True)
class Network:
    """Layers in order, from the data on. The arrays may be changed in place."""

    layers: tuple[Layer, ...]

    @classmethod
    def xavier(
        cls,
        sizes: Sequence[int],
        activations: Sequence[str],
        generator: np.random.Generator,
    ) -> "Network":
        """Draw weights uniformly within ±sqrt(6 / (inputs + outputs)); biases are 0 (Q2.1.2).

        With this scale, neither values nor gradients grow or vanish from layer to layer at the start.

        Args:
            sizes: the number of inputs, then the number of outputs of each layer.
            activations: a name for each layer.
            generator: the source of random numbers.
        """
        layers = []
        for inputs, outputs, activation in zip(sizes[:-1], sizes[1:], activations, strict=True):
            limit = np.sqrt(6 / (inputs + outputs))
            weights = generator.uniform(-limit, limit, (inputs, outputs))
            layers.append(Layer(weights, np.zeros(outputs), activation))
        return cls(tuple(layers))

    @classmethod
    def zeros(cls, sizes: Sequence[int], activations: Sequence[str]) -> "Network":
        """Return a network of zeros, whose units all learn the same."""
        pairs = zip(sizes[:-1], sizes[1:], activations, strict=True)
        return cls(tuple(Layer(np.zeros((n, m)), np.zeros(m), name) for n, m, name in pairs))

    def forward(self, inputs: Floats) -> list[Floats]:
        """Return the inputs and the outputs of every layer, as needed by ``backward``."""
        values = [inputs]
        for layer in self.layers:
            values.append(layer.forward(values[-1]))
        return values

    def scores(self, inputs: Floats) -> Floats:
        """Return the outputs of the last layer only."""
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def backward(self, values: Sequence[Floats], delta: Floats) -> dict[str, Floats]:
        """Return the gradients of the loss with respect to all parameters, by name (Q2.3).

        Args:
            values: what ``forward`` returned.
            delta: derivative of the loss with respect to the outputs of the last layer.
        """
        gradients: dict[str, Floats] = {}
        for number in range(len(self.layers), 0, -1):
            # Back through the activation first, then through the affine map.
            delta = self._before_activation(number, values, delta)
            gradients[f"layer{number}.weight"] = values[number - 1].T @ delta
            gradients[f"layer{number}.bias"] = delta.sum(axis=0)
            if number > 1:  # the gradient of the data is not needed
                delta = delta @ self.layers[number - 1].weights.T
        return gradients

    def input_gradient(self, values: Sequence[Floats], delta: Floats) -> Floats:
        """Return the gradient of the loss with respect to the inputs, shape (N, inputs)."""
        for number in range(len(self.layers), 0, -1):
            before = self._before_activation(number, values, delta)
            delta = before @ self.layers[number - 1].weights.T
        return delta

    def parameters(self) -> dict[str, Floats]:
        """Return the arrays of all layers by name: ``layer1.weight``, ``layer1.bias``, ..."""
        named: dict[str, Floats] = {}
        for number, layer in enumerate(self.layers, start=1):
            named[f"layer{number}.weight"] = layer.weights
            named[f"layer{number}.bias"] = layer.biases
        return named

    def _before_activation(self, number: int, values: Sequence[Floats], delta: Floats) -> Floats:
        activation = self.layers[number - 1].activation
        if activation == "linear":
            return delta
        return delta * ACTIVATIONS[activation].derivative(values[number])
