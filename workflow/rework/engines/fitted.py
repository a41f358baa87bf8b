"""What an engine is, and what it returns of one training."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from numpy.typing import NDArray

from rework.datasets.store import StoredDataset
from rework.settings.run import RunSettings
from rework.training.history import Values

Report = Callable[[int, str], None]
"""Called after each epoch, or another part of the work, with its number from 1 and a text about it."""


@dataclass(frozen=True)
class Fitted:
    """A trained model.

    Attributes:
        weights: its arrays by name; those it started with have names that begin with ``initial.``.
        history: one row per epoch, with the columns of ``history_columns(HISTORY)``; none for a model without epochs.
        steps: number of updates.
        parameters: number of trained values.
        metrics: each metric's value, and the number of examples behind it.
        predictions: arrays for ``predictions.npz``.
    """

    weights: Mapping[str, NDArray[Any]]
    history: Sequence[Values]
    steps: int
    parameters: int
    metrics: Mapping[str, tuple[float, int]]
    predictions: Mapping[str, NDArray[Any]] = field(default_factory=dict)


class Engine(Protocol):
    """A module of this package.

    Its constants are those that ``rework.catalogue.declarations`` describes; these are read here too.
    """

    METRICS: Mapping[str, tuple[str, str]]
    LAYOUT_METRICS: Mapping[str, Mapping[str, tuple[str, str]]]
    HISTORY: tuple[str, ...]
    PROBES: tuple[str, ...]
    HEADLINE: str

    def fit(self, settings: RunSettings, dataset: StoredDataset, report: Report, **parameters: Any) -> Fitted:
        """Train and measure; the keyword-only parameters are those of the run's ``model``."""
