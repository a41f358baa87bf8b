"""The L2 term of a loss: which parameters it covers, what it adds, and how it enters the gradients."""

from typing import Any

import torch
from torch import nn

from rework.settings.run import L2Settings


def parameter_groups(model: nn.Module, l2: L2Settings) -> list[dict[str, Any]]:
    """Return the parameters in groups for an optimiser, those with an L2 term separate from the rest.

    The gradient of ``strength / 2 * sum(w ** 2)`` is ``strength * w``, and torch's SGD and Adam add just that to the
    gradient of the loss, before anything else, when given ``weight_decay`` (only AdamW decouples it). So this equals
    the term in the loss, without the extra pass over the weights and its graph.
    """
    decayed = _decayed(model, l2)
    others = [parameter for parameter in _trained(model) if not any(parameter is other for other in decayed)]
    groups: list[dict[str, Any]] = []
    if others:
        groups.append({"params": others})
    if decayed:
        groups.append({"params": decayed, "weight_decay": l2.strength})
    return groups


@torch.no_grad()
def l2_loss(model: nn.Module, l2: L2Settings) -> float:
    """Return what the L2 term adds to the loss, in nats."""
    return l2.strength / 2 * sum(float(parameter.double().square().sum()) for parameter in _decayed(model, l2))


def _decayed(model: nn.Module, l2: L2Settings) -> list[nn.Parameter]:
    """Return the parameters with an L2 term: the weights, which have at least two dimensions, and maybe biases."""
    if not l2.strength:
        return []
    return [parameter for parameter in _trained(model) if l2.biases or parameter.ndim > 1]


def _trained(model: nn.Module) -> list[nn.Parameter]:
    """Return the parameters that are not frozen."""
    return [parameter for parameter in model.parameters() if parameter.requires_grad]
