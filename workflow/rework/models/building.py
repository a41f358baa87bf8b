"""Building a model from its settings."""

import importlib
import inspect
from collections.abc import Sized
from typing import cast

import torch
from torch import Tensor, nn

from rework.errors import ConfigError
from rework.settings.run import ModelSettings


def build_model(settings: ModelSettings, classes: Sized = ()) -> nn.Module:
    """Return the model with freshly drawn weights (from torch's global generator).

    The result has an attribute ``input_shape``, the shape of one example.

    Args:
        settings: the family and its parameters.
        classes: those of the data set, if there is one; a family with the parameter ``vocabulary`` gets their number
            unless the settings name another.

    Raises:
        ConfigError: there is no such model family, or it refuses the parameters.
    """
    # Code fingerprints do not see this import, so callers that take one name settings.module as a root.
    try:
        family = importlib.import_module(settings.module)
    except ModuleNotFoundError as error:
        if error.name != settings.module:
            raise
        raise ConfigError(f"no model family {settings.name!r}: expected a module {settings.module}") from None
    parameters = dict(settings.parameters)
    if classes and "vocabulary" in inspect.signature(family.build).parameters:
        parameters.setdefault("vocabulary", len(classes))
    try:
        model: nn.Module = family.build(**parameters)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"model {settings.name!r} with parameters {parameters}: {error}") from error
    return model


def input_shape(model: nn.Module) -> tuple[int, ...]:
    """Return the shape of one example for a model made by ``build_model``."""
    return cast("tuple[int, ...]", model.input_shape)


def example_arguments(model: nn.Module) -> tuple[Tensor, ...]:
    """Return the arguments to call the model with for one example of zeros.

    A model that takes more than its inputs has a method ``example_arguments``.
    """
    device = next((parameter.device for parameter in model.parameters()), None)
    example = torch.zeros(1, *input_shape(model), device=device)
    complete = getattr(model, "example_arguments", None)
    return (example,) if complete is None else complete(example)
