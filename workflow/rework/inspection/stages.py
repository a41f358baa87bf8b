"""What the layers of a network make of pictures, in the order in which it uses them."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rework.errors import ConfigError
from rework.inspection.subject import Subject
from rework.messages import unknown_name

_WEIGHTED = (nn.Conv2d, nn.Linear)
_ACTIVATIONS = (nn.ReLU, nn.SELU, nn.Sigmoid, nn.Tanh)


@dataclass(frozen=True)
class Stage:
    """A convolution or affine layer, and what it makes of N pictures.

    Attributes:
        layer: its dotted name in the network.
        module: the layer.
        inputs: what it reads, float N x C x H x W or N x values.
        outputs: after the activation function that follows, if one does: float N x C x H x W or N x units.
    """

    layer: str
    module: nn.Module
    inputs: Tensor
    outputs: Tensor


def stages(subject: Subject, inputs: Tensor, layers: Collection[str] | None = None) -> tuple[Stage, ...]:
    """Return the convolutions and affine layers of a network as they work on scaled pictures (N x C x H x W).

    Args:
        subject: the network.
        inputs: the pictures; gradients are followed if they require them.
        layers: names of those to return; all of them if None.

    Raises:
        ConfigError: the network has no such layer.
    """
    calls: list[_Call] = []
    with _observed(subject.model, calls), torch.set_grad_enabled(inputs.requires_grad):
        subject.outputs(inputs)
    found = []
    for position, call in enumerate(calls):
        if isinstance(call.module, _WEIGHTED):
            after = calls[position + 1] if position + 1 < len(calls) else None
            outputs = after.output if after and isinstance(after.module, _ACTIVATIONS) else call.output
            found.append(Stage(call.name, call.module, call.input, outputs))
    for name in layers or ():
        if name not in {stage.layer for stage in found}:
            raise ConfigError(f"{subject.name}: {unknown_name('layer', name, [stage.layer for stage in found])}")
    return tuple(stage for stage in found if layers is None or stage.layer in layers)


def on_blank(subject: Subject) -> tuple[Stage, ...]:
    """Return all convolutions and affine layers, working on a black picture.

    Raises:
        ConfigError: the network has none.
    """
    found = stages(subject, subject.scaled(np.zeros((1, *subject.shape), dtype=np.uint8)))
    if not found:
        raise ConfigError(f"{subject.name}: its network has neither convolutions nor affine layers")
    return found


@dataclass(frozen=True)
class _Call:
    """A layer without layers inside, called once."""

    name: str
    module: nn.Module
    input: Tensor
    output: Tensor


@contextmanager
def _observed(model: nn.Module, calls: list[_Call]) -> Iterator[None]:
    """Append every call of a layer to ``calls``, in order."""

    def keep(name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Any], None]:
        def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Any) -> None:
            first = output[0] if isinstance(output, tuple) else output  # recurrent layers return their states too
            if isinstance(first, Tensor):
                # A copy, because the next layer may work in place.
                calls.append(_Call(name, module, inputs[0], first.clone()))

        return hook

    leaves = [(name, module) for name, module in model.named_modules() if not any(module.children())]
    hooks = [module.register_forward_hook(keep(name)) for name, module in leaves]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
