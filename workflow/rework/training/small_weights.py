"""What the trained weights of a model are like."""

import torch
from torch import nn

SMALL = 1e-3


@torch.no_grad()
def small_weights(model: nn.Module) -> tuple[int, int]:
    """Return how many weights are below ``SMALL`` in absolute value, and how many there are; biases do not count."""
    weights = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    return sum(int((weight.abs() < SMALL).sum()) for weight in weights), sum(weight.numel() for weight in weights)
