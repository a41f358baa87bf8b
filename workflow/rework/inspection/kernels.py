"""The weights of a network's first layer as pictures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from rework.errors import ConfigError
from rework.inspection.stages import on_blank
from rework.inspection.subject import Subject


@dataclass(frozen=True)
class FirstWeights:
    """The weights of the first layer: its name, and for each unit a picture, float units x C x H x W."""

    layer: str
    weights: NDArray[np.float32]


def first_weights(subject: Subject) -> FirstWeights:
    """Return the kernels of the first convolution or, of an affine layer on pictures, the weights of each pixel.

    Raises:
        ConfigError: the network has no such layer.
    """
    first = on_blank(subject)[0]
    assert isinstance(first.module, nn.Conv2d | nn.Linear)
    weights: NDArray[np.float32] = first.module.weight.numpy()
    if isinstance(first.module, nn.Linear):
        if weights.shape[1] != np.prod(subject.shape):
            raise ConfigError(f"{subject.name}: layer {first.layer!r}, its first, does not read the pixels themselves")
        weights = weights.reshape(-1, *subject.shape)
    return FirstWeights(first.layer, weights)


def as_colours(weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return kernels of three channels as pictures, N x H x W x 3 in 0..1, on one scale around grey for zero."""
    limit = float(np.abs(weights).max()) or 1.0
    return weights.transpose(0, 2, 3, 1).astype(np.float64) / (2 * limit) + 0.5
