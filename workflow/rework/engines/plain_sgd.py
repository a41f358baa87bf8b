"""What the engines with the numpy network share: the settings they accept, and their data."""

import numpy as np
from numpy.typing import NDArray

from rework.datasets.layouts import SPLITS
from rework.datasets.store import StoredDataset
from rework.errors import ConfigError
from rework.settings.run import DataSettings, RunSettings
from rework.training.history import Values


def check_settings(settings: RunSettings, loss: str) -> None:
    """Refuse settings that the numpy network does not support.

    Raises:
        ConfigError: the run has a loss other than ``loss``, an optimiser other than SGD with momentum, or settings that
            change the data.
    """
    if settings.loss != loss:
        raise ConfigError(f"{settings.id}: model {settings.model.name} has the loss {loss!r}, found {settings.loss!r}")
    optimiser = settings.optimiser
    others = [f"optimiser.{option}" for option in optimiser.options if option != "momentum"]
    if optimiser.name != "sgd":
        others.append(f"optimiser.name {optimiser.name}")
    if optimiser.schedule != "constant":
        others.append(f"optimiser.schedule {optimiser.schedule}")
    if settings.data != DataSettings(settings.data.dataset):
        others.append("settings of data besides data.dataset")
    if others:
        raise ConfigError(
            f"{settings.id}: model {settings.model.name} knows SGD with momentum on plain data only; remove {others[0]}"
        )


def history_row(epoch: int, steps: int, measured: Values, learning_rate: float) -> Values:
    """Return a row of ``history.csv``: the measures of an epoch, and the columns of every training."""
    return {
        "epoch": epoch,
        "steps": steps,
        **measured,
        "l2_loss": 0.0,
        "learning_rate": learning_rate,
    }


def momentum(settings: RunSettings) -> float:
    """Return the momentum of the run's optimiser, 0 if it has none."""
    return float(settings.optimiser.options.get("momentum", 0.0))


def flat_inputs(dataset: StoredDataset) -> dict[str, NDArray[np.float64]]:
    """Return the examples of each split as rows of numbers from 0 to 1, shape (N, values)."""
    return {
        name: np.asarray(dataset.splits[name].inputs).reshape(len(dataset.splits[name].targets), -1) / 255.0
        for name in SPLITS
    }


def prefixed_copy(parameters: dict[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Return copies of the parameters, named as the values that a training starts with."""
    return {f"initial.{name}": values.copy() for name, values in parameters.items()}
