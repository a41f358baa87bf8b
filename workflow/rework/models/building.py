"""From a model's settings to the module."""

import importlib
from typing import cast

import torch
from torch import Tensor, nn

from rework.errors import ConfigError
from rework.settings.run import ModelSettings


def build_model(settings: ModelSettings) -> nn.Module:
    """Return the model with freshly drawn weights (from torch's global generator).

    The result has an attribute ``input_shape``, the shape of one example.

    Raises:
        ConfigError: no such model family, or the family refuses the parameters.
    """
    # The module is not seen by code fingerprints, so whoever takes one names settings.module as a root.
    try:
        family = importlib.import_module(settings.module)
    except ModuleNotFoundError as error:
        if error.name != settings.module:
            raise
        raise ConfigError(f"no model family {settings.name!r}: expected a module {settings.module}") from None
    try:
        model: nn.Module = family.build(**settings.parameters)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"model {settings.name!r} with parameters {dict(settings.parameters)}: {error}") from error
    return model


def input_shape(model: nn.Module) -> tuple[int, ...]:
    """Return the shape of one example of a model made by ``build_model``."""
    return cast("tuple[int, ...]", model.input_shape)


def example_arguments(model: nn.Module) -> tuple[Tensor, ...]:
    """Return what the model is called with for one example of zeros.

    A model that takes more than its inputs says so with a method ``example_arguments``.
    """
    device = next((parameter.device for parameter in model.parameters()), None)
    example = torch.zeros(1, *input_shape(model), device=device)
    complete = getattr(model, "example_arguments", None)
    return (example,) if complete is None else complete(example)
