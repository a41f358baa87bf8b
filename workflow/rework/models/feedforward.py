"""A fully connected network: hidden layers with an activation function and dropout, then an output layer."""

from collections.abc import Callable
from math import prod
from typing import Literal

from torch import Tensor, nn

from rework.settings.ranges import Dropout, Units

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


class Feedforward(nn.Module):
    """Maps inputs, a batch of shape (N, *inputs), to one logit per class, (N, classes)."""

    def __init__(
        self, inputs: tuple[int, ...], hidden: tuple[int, ...], activation: str, dropout: float, classes: int
    ) -> None:
        super().__init__()
        self.input_shape = inputs
        widths = (prod(inputs), *hidden)
        self.hidden = nn.Sequential()
        for number, width in enumerate(hidden, start=1):
            self.hidden.add_module(f"affine{number}", nn.Linear(widths[number - 1], width))
            self.hidden.add_module(f"activation{number}", ACTIVATIONS[activation]())
            if dropout > 0:
                self.hidden.add_module(f"dropout{number}", nn.Dropout(dropout))
        self.output = nn.Linear(widths[-1], classes)

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the logits."""
        logits: Tensor = self.output(self.hidden(inputs.flatten(start_dim=1)))
        return logits


def build(
    *,
    inputs: tuple[Units, ...] = (1, 28, 28),
    hidden: tuple[Units, ...] = (200,),
    activation: Literal["relu", "sigmoid", "tanh"] = "relu",
    dropout: Dropout = 0.0,
    classes: Units = 10,
) -> nn.Module:
    """Return the network with freshly drawn weights.

    ``activation`` is that of the hidden layers, and ``dropout`` the probability that a hidden unit is dropped.
    """
    return Feedforward(tuple(inputs), tuple(hidden), activation, dropout, classes)
