"""What is kept of a training: the steps of the running epoch, and one row per finished epoch."""

import csv
import io
from dataclasses import astuple, dataclass, fields
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class EpochResult:
    """One row of ``history.csv``.

    Training loss and accuracy are means over the epoch's examples as they were met, with dropout and while the weights
    changed; the validation values belong to the weights at the end of the epoch.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float


def history_csv(history: list[EpochResult]) -> str:
    """Return the rows as CSV; floats have all their digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(EpochResult))
    writer.writerows(map(astuple, history))
    return text.getvalue()


class EpochRecord:
    """Losses and hits of the steps of one epoch.

    A step only appends references, which costs no arithmetic and, on a GPU, no waiting. ``flush`` reads them. When it
    is called does not change the result: the losses keep their places and are summed once, and hits are whole numbers.
    """

    def __init__(self, examples: int, batch_size: int) -> None:
        self.examples = examples
        self.batch_size = batch_size
        self.losses = torch.empty(0)
        self.hits = 0
        self._pending: list[tuple[Tensor, Tensor, Tensor]] = []

    @property
    def steps(self) -> int:
        """Number of steps so far."""
        return len(self.losses) + len(self._pending)

    def add(self, loss: Tensor, outputs: Tensor, targets: Tensor) -> None:
        """Add a step: its mean loss, its outputs (batch, classes) and its targets (batch,)."""
        self._pending.append((loss.detach(), outputs.detach(), targets))

    def flush(self) -> None:
        """Read the steps added since the last call."""
        if not self._pending:
            return
        losses, outputs, targets = zip(*self._pending, strict=True)
        self._pending.clear()
        self.losses = torch.cat([self.losses, torch.stack(losses).float().cpu()])
        self.hits += int((torch.cat(outputs).argmax(dim=1) == torch.cat(targets)).sum())

    def first_bad_step(self) -> int | None:
        """Return the first flushed step, counted from 0, whose loss is not finite, or None."""
        bad = (~torch.isfinite(self.losses)).nonzero()
        return int(bad[0]) if len(bad) else None

    def train_loss(self) -> float:
        """Return the mean loss over the examples of the finished epoch (its last batch may be smaller)."""
        sizes = torch.full((len(self.losses),), self.batch_size, dtype=torch.float64)
        sizes[-1] = self.examples - self.batch_size * (len(self.losses) - 1)
        return float(self.losses.double() @ sizes) / self.examples

    def train_accuracy(self) -> float:
        """Return the share of the finished epoch's examples that were right when they were met."""
        return self.hits / self.examples

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps; flushes first."""
        self.flush()
        return {"losses": self.losses, "hits": self.hits}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from what ``state`` returned."""
        self.losses, self.hits = state["losses"], state["hits"]
