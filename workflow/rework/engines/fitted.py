"""What an engine is, and what it returns of one training."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from numpy.typing import NDArray

from rework.datasets.store import StoredDataset
from rework.settings.run import RunSettings

Report = Callable[[int, str], None]
"""Called after each epoch, or another part of the work, with its number from 1 and a text about it."""


@dataclass(frozen=True)
class EpochRow:
    """One row of ``history.csv``, with the columns of the training loop; None is an empty field.

    The training loss is the mean of an example over the epoch, as it was met while the weights changed.
    """

    epoch: int
    steps: int
    train_loss: float
    train_accuracy: float | None
    validation_loss: float
    validation_accuracy: float | None
    test_accuracy: float | None
    l2_loss: float
    learning_rate: float


@dataclass(frozen=True)
class Fitted:
    """A trained model.

    Attributes:
        weights: its arrays by name; those it started with have names that begin with ``initial.``.
        history: one row per epoch, none for a model without epochs.
        steps: number of updates.
        parameters: number of trained values.
        metrics: each metric's value, and the number of examples behind it.
        predictions: arrays for ``predictions.npz``.
    """

    weights: Mapping[str, NDArray[Any]]
    history: Sequence[EpochRow]
    steps: int
    parameters: int
    metrics: Mapping[str, tuple[float, int]]
    predictions: Mapping[str, NDArray[Any]] = field(default_factory=dict)


class Engine(Protocol):
    """A module of this package.

    Attributes:
        READS: which of the keys optimiser, loss, batch_size and epochs a run must have.
        METRICS: the names of the metrics that it measures.
    """

    READS: tuple[str, ...]
    METRICS: tuple[str, ...]

    def fit(self, settings: RunSettings, dataset: StoredDataset, report: Report, **parameters: Any) -> Fitted:
        """Train and measure; the keyword-only parameters are those of the run's ``model``."""
