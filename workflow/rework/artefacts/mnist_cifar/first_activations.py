"""Activations of the first convolutions on a few pictures, computed in numpy from the trained weights.

Which pictures a figure shows is known only after the evaluation, and figures need no torch.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Maps = NDArray[np.float64]
# Constants from Klambauer et al., Self-Normalizing Neural Networks, 2017.
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def relu(values: Maps) -> Maps:
    """Return max(0, x)."""
    return np.maximum(values, 0)


def selu(values: Maps) -> Maps:
    """Return the scaled exponential linear unit."""
    result: Maps = SELU_SCALE * np.where(values > 0, values, SELU_ALPHA * np.expm1(np.minimum(values, 0)))
    return result


ACTIVATIONS: Mapping[str, Callable[[Maps], Maps]] = {"relu": relu, "selu": selu}


def convolution(pictures: Maps, weight: Maps, bias: Maps, padding: int = 0) -> Maps:
    """Return the cross-correlation of pictures with kernels, as a convolution layer computes it.

    Args:
        pictures: shape (N, C, H, W).
        weight: shape (F, C, K, K).
        bias: shape (F,).
        padding: zeros on every side.
    """
    padded = np.pad(pictures, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weight.shape[2:], axis=(2, 3))
    result: Maps = np.einsum("nchwkl,fckl->nfhw", windows, weight, optimize=True) + bias[:, None, None]
    return result


def pooled(maps: Maps, kind: Literal["max", "average"]) -> Maps:
    """Return maps (N, C, H, W) pooled over 2 x 2 blocks; an odd last row or column is dropped."""
    count, channels, height, width = maps.shape[0], maps.shape[1], maps.shape[2] // 2, maps.shape[3] // 2
    blocks = maps[:, :, : 2 * height, : 2 * width].reshape(count, channels, height, 2, width, 2)
    result: Maps = blocks.max(axis=(3, 5)) if kind == "max" else blocks.mean(axis=(3, 5))
    return result


def first_activations(
    pictures: Maps,
    weights: Mapping[str, NDArray[Any]],
    *,
    padding: int,
    activation: str = "relu",
    pooling: Literal["max", "average"] = "max",
) -> dict[str, Maps]:
    """Return the outputs of ``conv1`` and ``conv2`` after activation and before pooling.

    Args:
        pictures: as the network sees them, shape (N, C, H, W).
        weights: trained tensors with ``conv1`` and ``conv2``.
        padding: of both convolutions.
        activation: one of ``ACTIVATIONS``.
        pooling: the kind between the two.
    """
    tensors = {name: array.astype(np.float64) for name, array in weights.items() if name.startswith("conv")}
    first = ACTIVATIONS[activation](convolution(pictures, tensors["conv1.weight"], tensors["conv1.bias"], padding))
    second = ACTIVATIONS[activation](
        convolution(pooled(first, pooling), tensors["conv2.weight"], tensors["conv2.bias"], padding)
    )
    return {"conv1": first, "conv2": second}
