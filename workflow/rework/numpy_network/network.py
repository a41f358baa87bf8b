"""Affine layers one after another, forward and backward (nist36, Q2.1 to Q2.3)."""

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
    """Layers, the first of which sees the data. The arrays may be changed in place."""

    layers: tuple[Layer, ...]

    @classmethod
    def xavier(
        cls,
        sizes: Sequence[int],
        activations: Sequence[str],
        generator: np.random.Generator,
    ) -> "Network":
        """Draw weights evenly up to sqrt(6 / (inputs + outputs)); biases are 0 (Q2.1.2).

        So scaled, neither values nor gradients grow or vanish from layer to layer at the start.

        Args:
            sizes: number of inputs, then of the outputs of each layer.
            activations: one name for each layer.
            generator: where the numbers come from.
        """
        layers = []
        for inputs, outputs, activation in zip(sizes[:-1], sizes[1:], activations, strict=True):
            limit = np.sqrt(6 / (inputs + outputs))
            weights = generator.uniform(-limit, limit, (inputs, outputs))
            layers.append(Layer(weights, np.zeros(outputs), activation))
        return cls(tuple(layers))

    @classmethod
    def zeros(cls, sizes: Sequence[int], activations: Sequence[str]) -> "Network":
        """Return the network with all numbers 0, which cannot tell its units apart."""
        pairs = zip(sizes[:-1], sizes[1:], activations, strict=True)
        return cls(tuple(Layer(np.zeros((n, m)), np.zeros(m), name) for n, m, name in pairs))

    def forward(self, inputs: Floats) -> list[Floats]:
        """Return the inputs and the outputs of every layer, which the way back needs."""
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
            # First back through the activation, then through the affine map.
            delta = self._before_activation(number, values, delta)
            gradients[f"layer{number}.weight"] = values[number - 1].T @ delta
            gradients[f"layer{number}.bias"] = delta.sum(axis=0)
            if number > 1:  # nobody asks how the data should change
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
