"""The Gram matrix of feature maps: which of them are strong together, wherever in the picture (course-notes, 4.3)."""

from typing import Any

import torch
from torch import Tensor


def gram_matrix(maps: Tensor) -> Tensor:
    """Return the Gram matrix of a picture's feature maps, float32 channels x channels.

    As in the course: the maps are flattened to channels x positions and multiplied by their own transpose, and nothing
    is divided by. In float32 whatever the precision around it, since its sums have thousands of terms.

    Args:
        maps: 1 x channels x H x W.
    """
    with torch.autocast(maps.device.type, enabled=False):
        result: Tensor = _Gram.apply(maps.float().flatten(2).squeeze(0))
    return result


class _Gram(torch.autograd.Function):
    """F Fᵀ, whose gradient is (G + Gᵀ) F: one product of matrices where two would follow from the two factors."""

    @staticmethod
    def forward(ctx: Any, flat: Tensor) -> Tensor:
        ctx.save_for_backward(flat)
        return flat @ flat.T

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (flat,) = ctx.saved_tensors
        (gradient,) = gradients
        result: Tensor = (gradient + gradient.T) @ flat
        return result
