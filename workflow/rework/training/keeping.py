"""The weights that a training ends with: those of its last update, or of the epoch that is best in a column."""

from typing import Any

from torch import Tensor, nn

from rework.settings.run import KeepSettings
from rework.training.history import Values

Weights = dict[str, Tensor]


class BestEpoch:
    """The best epoch so far, with a copy of its weights.

    Args:
        settings: the column of the history, and which of its values is the best.
    """

    def __init__(self, settings: KeepSettings) -> None:
        self.settings = settings
        self.epoch = 0
        self.value = float("inf")
        self.weights: Weights = {}

    def offer(self, row: Values, model: nn.Module) -> None:
        """Keep the weights of a model if the epoch's row is better than every one before."""
        measured = row[self.settings.column]
        assert measured is not None, "the catalogue refuses columns that are not always measured"
        value = measured if self.settings.best == "lowest" else -measured
        if value < self.value:
            self.epoch, self.value = int(row["epoch"] or 0), value
            self.weights = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"epoch": self.epoch, "value": self.value, "weights": self.weights}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a state that ``state`` returned."""
        self.epoch, self.value, self.weights = state["epoch"], state["value"], dict(state["weights"])
