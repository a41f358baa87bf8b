"""Tasks whose batches begin with the states with which an LSTM ended the batch before."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from rework.training.record import Outputs
from rework.training.tasks.task import Task


class CarryingTask(Task):
    """See ``Task``. The model returns its hidden and its cell state after its answers; both go into checkpoints.

    Attributes:
        carried: both states, or None where a batch begins with zeros.
    """

    carried: tuple[Tensor, Tensor] | None = None

    def carry(self, outputs: Outputs) -> None:
        """Keep the states after a batch, without their history."""
        hidden, cell = (state.detach().float() for state in outputs[1:])
        self.carried = (hidden, cell)

    def state(self) -> dict[str, Any]:
        """Return the carried states."""
        return {"carried": self.carried}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue with the carried states."""
        self.carried = state["carried"]
        if self.carried is not None:
            device = next(self.model.parameters()).device
            hidden, cell = (part.to(device) for part in self.carried)
            self.carried = (hidden, cell)
