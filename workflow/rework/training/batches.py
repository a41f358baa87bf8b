"""Batches cut whole from memory-mapped arrays or arrays on the device, with no workers and no per-example Python."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rework.datasets.store import StoredDataset, verify_split
from rework.seeds import derive_seed
from rework.settings.run import DataSettings, RunSettings
from rework.training.augmentation import Changes, draw_changes

# How many examples are gathered and scaled at once: enough to make the cost negligible beside the steps, few enough
# to take little memory; the second limit is for photographs.
EXAMPLES_AT_ONCE = 4096
NUMBERS_AT_ONCE = EXAMPLES_AT_ONCE * 3 * 32 * 32


@dataclass(frozen=True)
class Batch:
    """One batch of a task.

    Attributes:
        arguments: what the model is called with; for pictures, float32 N×C×H×W.
        targets: what the outputs are compared with; for classes, int64 N. Only the task interprets them.
    """

    arguments: tuple[Tensor, ...]
    targets: Tensor

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """The arguments and the targets."""
        return (*self.arguments, self.targets)


@dataclass(frozen=True)
class Split:
    """The pictures of one split of a data set as tensors on the device.

    Attributes:
        inputs: bytes, shape (N, C, H, W); on a CPU these are the file's own pages, shared by all processes.
        targets: class numbers, shape (N,).
        mean: subtracted after scaling to 0..1, shape (1, C, 1, 1); None leaves the inputs in 0..1.
        std: what they are then divided by; None if ``mean`` is.
        channels_last: whether ``take`` returns inputs whose fastest dimension in memory is the channel.
    """

    inputs: Tensor
    targets: Tensor
    mean: Tensor | None
    std: Tensor | None
    channels_last: bool

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.targets)

    def take(self, rows: Tensor | slice, changes: Changes | None = None, first: int = 0) -> tuple[Tensor, Tensor]:
        """Return the inputs, scaled to float32, and the targets of some rows.

        ``changes`` are applied to the bytes first, beginning with the change numbered ``first``.
        """
        pixels = self.inputs[rows]
        if changes is not None:
            pixels = changes.apply(pixels, first)
        # In place: a new array of many examples costs more than its arithmetic.
        inputs = pixels.to(torch.float32).div_(255)
        if self.mean is not None and self.std is not None:
            inputs = inputs.sub_(self.mean).div_(self.std)
        if self.channels_last:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        return inputs, self.targets[rows]


def load_split(
    dataset: StoredDataset, data: DataSettings, device: torch.device, channels_last: bool, name: str
) -> Split:
    """Return a split of a stored picture data set on the device, to be scaled as ``data`` says.

    Raises:
        DataError: an array is not the one described in ``dataset.json``.
    """
    verify_split(dataset, name)
    arrays = dataset.splits[name]
    mean, std = _scale(dataset, data.normalise, device)
    return Split(
        inputs=mapped(arrays.inputs).to(device),
        targets=mapped(arrays.targets).to(device),
        mean=mean,
        std=std,
        channels_last=channels_last,
    )


def epoch_order(settings: RunSettings, epoch: int, items: int) -> Tensor:
    """Return the order in which an epoch (counted from 0) visits its items, shape (items,).

    It depends only on the run's names and the epoch's number, so that resuming a training needs no saved state.
    """
    seed = derive_seed(settings.global_seed, settings.id, settings.seed, "order", epoch)
    return torch.randperm(items, generator=torch.Generator().manual_seed(seed))


def epoch_changes(settings: RunSettings, epoch: int, split: Split) -> Changes | None:
    """Return the changes that an epoch makes to its examples, in the order in which it visits them."""
    seed = derive_seed(settings.global_seed, settings.id, settings.seed, "augment", epoch)
    return draw_changes(settings.data.augment, len(split), seed, split.inputs.device)


def step_count(items: int, batch_size: int) -> int:
    """Return the number of steps of an epoch; the last batch may be smaller.

    >>> step_count(items=10, batch_size=4)
    3
    """
    return -(-items // batch_size)


def examples_at_once(split: Split) -> int:
    """Return how many examples of a split to hold in memory as floating-point numbers at once."""
    return max(1, min(EXAMPLES_AT_ONCE, NUMBERS_AT_ONCE // split.inputs[0].numel()))


def batches(
    split: Split, order: Tensor, batch_size: int, first_step: int = 0, changes: Changes | None = None
) -> Iterator[Batch]:
    """Yield the batches of an epoch, in the given order of its examples, from step ``first_step`` on."""
    at_once = max(1, examples_at_once(split) // batch_size) * batch_size
    order = order.to(split.targets.device)
    for start in range(first_step * batch_size, len(order), at_once):
        inputs, targets = split.take(order[start : start + at_once], changes, start)
        parts = zip(torch.split(inputs, batch_size), torch.split(targets, batch_size), strict=True)
        yield from (Batch((pictures,), labels) for pictures, labels in parts)


def _scale(dataset: StoredDataset, normalise: str, device: torch.device) -> tuple[Tensor, Tensor] | tuple[None, None]:
    if normalise == "unit":
        return None, None
    channels = len(dataset.mean)
    half, one = (0.5,) * channels, (1.0,) * channels
    scales = {"half": (half, half), "centred": (half, one), "standard": (dataset.mean, dataset.std)}
    mean, std = scales[normalise]
    return _per_channel(mean, device), _per_channel(std, device)


def _per_channel(values: tuple[float, ...], device: torch.device) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device).view(1, -1, 1, 1)


def mapped(array: np.ndarray[Any, Any]) -> Tensor:
    """Return a tensor that shares the array's memory."""
    with warnings.catch_warnings():
        # The file is mapped read-only, but torch has no read-only tensors; nothing here writes to them.
        warnings.filterwarnings("ignore", message=".*not writable.*")
        return torch.from_numpy(np.asarray(array))
