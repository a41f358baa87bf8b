"""What is kept of the steps of the current epoch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Outputs = tuple[Tensor, ...]
"""What a model returned; for most models a single tensor."""


@dataclass(frozen=True)
class Step:
    """One step: its mean loss (a scalar), what the model returned, and the targets of its batch."""

    loss: Tensor
    outputs: Outputs
    targets: Tensor


@dataclass(frozen=True)
class Tally:
    """What a task counts in n steps.

    Attributes:
        weights: how many items each step's mean loss covers, int64 (n) on the CPU.
        values: what else the task counts in each step, float64 (n, k) on the CPU; kept per step and summed once, so
            that the sums do not depend on when they are read.
    """

    weights: Tensor
    values: Tensor


class EpochRecord:
    """Losses and counts of the steps of one epoch.

    A step only appends references, which costs no arithmetic and, on a GPU, no waiting. ``flush`` reads them. When it
    is called does not affect the result: numbers are kept per step and summed once.

    Args:
        tally: counts what the task needs from some steps.
    """

    def __init__(self, tally: Callable[[Sequence[Step]], Tally]) -> None:
        self._tally = tally
        self.losses = torch.empty(0)
        self.weights = torch.empty(0, dtype=torch.int64)
        self.values: Tensor | None = None
        self._pending: list[Step] = []

    @property
    def steps(self) -> int:
        """Number of steps so far."""
        return len(self.losses) + len(self._pending)

    def add(self, loss: Tensor, outputs: Outputs, targets: Tensor) -> None:
        """Add a step."""
        self._pending.append(Step(loss.detach(), tuple(output.detach() for output in outputs), targets))

    def flush(self) -> None:
        """Read the steps added since the last call."""
        if not self._pending:
            return
        steps, self._pending = self._pending, []
        found = self._tally(steps)
        self.losses = torch.cat([self.losses, torch.stack([step.loss for step in steps]).float().cpu()])
        self.weights = torch.cat([self.weights, found.weights])
        self.values = found.values if self.values is None else torch.cat([self.values, found.values])

    def first_bad_step(self) -> int | None:
        """Return the first flushed step, counted from 0, whose loss is not finite, or None."""
        bad = (~torch.isfinite(self.losses)).nonzero()
        return int(bad[0]) if len(bad) else None

    def mean_loss(self) -> float:
        """Return the mean loss over the items of the flushed steps (batches may differ in size)."""
        return float(self.losses.double() @ self.weights.double()) / int(self.weights.sum())

    def means(self) -> tuple[float, ...]:
        """Return each of the task's counts, summed over the flushed steps and divided by the number of items."""
        assert self.values is not None, "an epoch has at least one step"
        return tuple(float(total) / int(self.weights.sum()) for total in self.values.sum(dim=0))

    def recent_means(self, steps: int) -> tuple[float, ...]:
        """Return the same for the last ``steps`` steps, or for all if there are fewer; flushes first."""
        self.flush()
        assert self.values is not None, "at least one step was added"
        weights = self.weights[-steps:]
        return tuple(float(total) / int(weights.sum()) for total in self.values[-steps:].sum(dim=0))

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps; flushes first."""
        self.flush()
        return {"losses": self.losses, "weights": self.weights, "values": self.values}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a state that ``state`` returned."""
        self.losses, self.weights, self.values = state["losses"], state["weights"], state["values"]
