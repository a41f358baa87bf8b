"""Recognising letters cut out of a picture with a trained run, however it was trained."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rework.errors import ConfigError, DataError
from rework.recorded import verified_sha256
from rework.settings.run import RunSettings


def log_probabilities(settings: RunSettings, weights: Path, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the log-probability of each class for each letter, shape (N, classes).

    Args:
        settings: a run trained on pictures like these letters.
        weights: its ``weights.safetensors``.
        crops: bytes, shape (N, 1, 32, 32), as ``letter_crops`` makes them.

    Raises:
        ConfigError: the run does not scale its inputs to 0..1 (``data.normalise`` is not ``unit``).
        DataError: the weights are missing, not those that were recorded, or belong to another model.
    """
    if settings.data.normalise != "unit":
        raise ConfigError(f"{settings.id}: reading letters needs data.normalise unit, found {settings.data.normalise}")
    if not weights.is_file():
        raise DataError(f"{weights}: no such file; train {settings.id} seed {settings.seed} first")
    if settings.task is None:
        return _by_numpy(settings, weights, crops)
    return _by_torch(settings, weights, crops)


def _by_numpy(settings: RunSettings, weights: Path, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    from safetensors.numpy import load_file

    from rework.engines import numpy_classifier

    verified_sha256(weights)
    activation = settings.model.parameters.get("activation", "sigmoid")
    inputs = crops.reshape(len(crops), -1) / 255.0
    return numpy_classifier.log_probabilities(load_file(weights), activation, inputs).astype(np.float32)


def _by_torch(settings: RunSettings, weights: Path, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    # Imported here, so that the numpy network can read without torch.
    import torch

    from rework.models.trained import load_trained
    from rework.training.batches import Split
    from rework.training.determinism import make_deterministic
    from rework.training.prediction import predict

    make_deterministic(settings.threads)
    model = load_trained(settings, weights)
    targets = torch.zeros(len(crops), dtype=torch.int64)
    return predict(model, Split(torch.from_numpy(crops), targets, None, None, channels_last=False)).log_probabilities
