"""What a model consists of, read off the module itself while one example passes through it."""

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from rework.errors import ConfigError
from rework.models.building import example_arguments

Shape = tuple[int, ...]


@dataclass(frozen=True)
class TensorDescription:
    """A parameter tensor of a layer: its name in the layer, its shape and its number of elements."""

    name: str
    shape: Shape
    count: int


@dataclass(frozen=True)
class LayerDescription:
    """One layer, in the order in which an example passes; the shapes are without the batch dimension.

    ``name`` is the dotted name of the submodule, ``type`` its class, ``detail`` its hyperparameters as text.
    """

    name: str
    type: str
    detail: str
    input_shape: Shape
    output_shape: Shape
    parameters: int
    tensors: tuple[TensorDescription, ...]


def describe_layers(model: nn.Module) -> tuple[LayerDescription, ...]:
    """Return the layers of ``model``, the submodules without submodules, as an example of zeros passes through them.

    The model keeps its training mode, and no random number is drawn.
    """
    layers: list[LayerDescription] = []

    def observer(name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Any], None]:
        def observe(module: nn.Module, inputs: tuple[Tensor, ...], output: Any) -> None:
            # A recurrent layer returns its states beside its outputs.
            first: Tensor = output[0] if isinstance(output, tuple) else output
            # One that is its own input, a picture to be optimised, takes none.
            before = tuple(inputs[0].shape[1:]) if inputs else ()
            layers.append(_describe_layer(name, module, before, tuple(first.shape[1:])))

        return observe

    leaves = [(name, module) for name, module in model.named_modules() if not any(module.children())]
    hooks = [module.register_forward_hook(observer(name)) for name, module in leaves]
    training = model.training
    try:
        with torch.inference_mode():
            model.eval()(*example_arguments(model))
    finally:
        model.train(training)
        for hook in hooks:
            hook.remove()
    return tuple(layers)


def parameter_count(model: nn.Module) -> int:
    """Return the number of trainable parameters, each counted once however often the model uses it."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def _describe_layer(name: str, module: nn.Module, input_shape: Shape, output_shape: Shape) -> LayerDescription:
    tensors = tuple(
        TensorDescription(tensor_name, tuple(tensor.shape), prod(tensor.shape))
        for tensor_name, tensor in module.named_parameters()
    )
    return LayerDescription(
        name=name,
        type=type(module).__name__,
        detail=_detail(module),
        input_shape=input_shape,
        output_shape=output_shape,
        parameters=sum(tensor.count for tensor in tensors),
        tensors=tensors,
    )


def _detail(module: nn.Module) -> str:
    """Return the hyperparameters that a reader asks for; other layers show torch's own text (often empty)."""
    if isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        size, stride, padding = (_pair(value) for value in (module.kernel_size, module.stride, module.padding))
        return f"{size[0]}×{size[1]}, stride {_short(stride)}, padding {_short(padding)}"
    if isinstance(module, nn.Linear):
        return f"{module.in_features} → {module.out_features}"
    if isinstance(module, nn.Dropout):
        return f"p = {module.p:g}"
    return module.extra_repr()


def _pair(value: Any) -> tuple[Any, Any]:
    return (value[0], value[1]) if isinstance(value, tuple) else (value, value)


def _short(pair: tuple[Any, Any]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}×{pair[1]}"


def check_layers(model: nn.Module, layers: Iterable[str]) -> None:
    """Make sure that a model has the submodules that its run's ``capture.layers`` names.

    Raises:
        ConfigError: it has not; the message names the nearest one.
    """
    names = [name for name, _ in model.named_modules() if name]
    for layer in layers:
        if layer not in names:
            near = difflib.get_close_matches(layer, names, n=1)
            hint = f"; the nearest is {near[0]!r}" if near else ""
            raise ConfigError(f"capture.layers: the model has no layer {layer!r}{hint}; it has {', '.join(names)}")
