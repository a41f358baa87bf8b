"""Loading a model with its trained weights."""

from collections.abc import Sized
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from rework.errors import DataError
from rework.models.building import build_model
from rework.recorded import verified_sha256
from rework.settings.run import RunSettings


def load_trained(settings: RunSettings, weights: Path, classes: Sized = ()) -> nn.Module:
    """Return the model of a run with its trained weights; ``classes`` are those of its data set.

    Raises:
        DataError: the file is missing, damaged or not the one that was recorded, or holds another model's weights.
    """
    if not weights.is_file():
        raise DataError(f"{weights}: no such file; train {settings.id} seed {settings.seed} first")
    verified_sha256(weights)
    model = build_model(settings.model, classes)
    try:
        model.load_state_dict(load_file(weights))
    except (SafetensorError, RuntimeError) as error:
        raise DataError(f"{weights}: not the weights of {settings.model.name} ({error}); train again") from None
    return model
