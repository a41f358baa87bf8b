"""What a trained run says of letters that were cut out of a picture, whichever way it was trained."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rework.errors import ConfigError, DataError
from rework.settings.run import RunSettings


def log_probabilities(settings: RunSettings, weights: Path, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the log-probability of each class for each letter, shape (N, classes).

    Args:
        settings: a run on pictures like the letters.
        weights: its ``weights.safetensors``.
        crops: bytes, shape (N, 1, 32, 32), as ``letter_crops`` makes them.

    Raises:
        ConfigError: the run scales its inputs in a way that letters from elsewhere do not allow.
        DataError: the weights are missing or of another model.
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

    activation = settings.model.parameters.get("activation", "sigmoid")
    inputs = crops.reshape(len(crops), -1) / 255.0
    return numpy_classifier.log_probabilities(load_file(weights), activation, inputs).astype(np.float32)


def _by_torch(settings: RunSettings, weights: Path, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    # Only here, so that the numpy network reads without torch.
    import torch

    from rework.models.trained import load_trained
    from rework.training.batches import Split
    from rework.training.determinism import make_deterministic
    from rework.training.prediction import predict

    make_deterministic(settings.threads)
    model = load_trained(settings, weights)
    targets = torch.zeros(len(crops), dtype=torch.int64)
    return predict(model, Split(torch.from_numpy(crops), targets, None, None, channels_last=False)).log_probabilities
