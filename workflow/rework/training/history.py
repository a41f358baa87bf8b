"""What is kept of a training: the steps of the running epoch, one row per finished epoch, and one per probe."""

import csv
import io
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class EpochResult:
    """One row of ``history.csv``.

    Training loss and accuracy are means over the epoch's examples as they were met, with dropout and while the weights
    changed; a model with a CRF counts there the labels of its emissions, undecoded. The other values belong to the
    weights at the end of the epoch. The test accuracy is measured only in runs with probes.
    """

    epoch: int
    steps: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    test_accuracy: float | None
    l2_loss: float
    learning_rate: float


@dataclass(frozen=True)
class Probe:
    """One row of ``probes.csv``: after some steps, the loss of the last batch and accuracies on random examples."""

    steps: int
    batch_loss: float
    train_accuracy: float
    test_accuracy: float


def table_csv(kind: type, rows: Sequence[Any]) -> str:
    """Return rows of a dataclass as CSV; floats have all their digits, None is an empty field."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(kind))
    writer.writerows(map(astuple, rows))
    return text.getvalue()


class EpochRecord:
    """Losses and hits of the steps of one epoch.

    A step only appends references, which costs no arithmetic and, on a GPU, no waiting. ``flush`` reads them. When it
    is called does not change the result: the losses keep their places and are summed once, and hits are whole numbers.
    """

    def __init__(self) -> None:
        self.losses = torch.empty(0)
        self.sizes = torch.empty(0, dtype=torch.int64)
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
        self.sizes = torch.cat([self.sizes, torch.tensor([len(batch) for batch in targets])])
        self.hits += int((torch.cat(outputs).argmax(dim=1) == torch.cat(targets)).sum())

    def first_bad_step(self) -> int | None:
        """Return the first flushed step, counted from 0, whose loss is not finite, or None."""
        bad = (~torch.isfinite(self.losses)).nonzero()
        return int(bad[0]) if len(bad) else None

    def train_loss(self) -> float:
        """Return the mean loss over the examples of the flushed steps (batches may differ in size)."""
        return float(self.losses.double() @ self.sizes.double()) / int(self.sizes.sum())

    def train_accuracy(self) -> float:
        """Return the share of the flushed steps' examples that were right when they were met."""
        return self.hits / int(self.sizes.sum())

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps; flushes first."""
        self.flush()
        return {"losses": self.losses, "sizes": self.sizes, "hits": self.hits}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from what ``state`` returned."""
        self.losses, self.sizes, self.hits = state["losses"], state["sizes"], state["hits"]
