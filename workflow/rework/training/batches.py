"""Batches cut whole from arrays in mapped memory or on the device: no workers, no example touched singly."""

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

# Examples that are gathered and scaled at once: enough that their cost vanishes beside the steps, and little memory,
# also where they are photographs.
EXAMPLES_AT_ONCE = 4096
NUMBERS_AT_ONCE = EXAMPLES_AT_ONCE * 3 * 32 * 32


@dataclass(frozen=True)
class Batch:
    """One batch of a task.

    Attributes:
        arguments: what the model is called with: for pictures float32 N×C×H×W.
        targets: what the outputs are compared with: for classes int64 N. The task alone looks at them.
    """

    arguments: tuple[Tensor, ...]
    targets: Tensor

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """All tensors."""
        return (*self.arguments, self.targets)


@dataclass(frozen=True)
class Split:
    """The pictures of one split of a data set as tensors on the device.

    Attributes:
        inputs: bytes, shape (N, C, H, W); on a CPU the file's own pages, which all processes of a machine share.
        targets: class numbers, shape (N,).
        mean: subtracted after scaling to 0..1, shape (1, C, 1, 1); None to leave the inputs in 0..1.
        std: divided by after that; None likewise.
        channels_last: whether the channel is the fastest dimension in memory of what ``take`` returns.
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

        ``changes`` are made to the bytes before; the first row is number ``first`` of those that they speak of.
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
    """Return a split of a stored data set of pictures, scaled as ``data`` says, on the device.

    Raises:
        DataError: an array is not the one that ``dataset.json`` describes.
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

    It depends on the names of the run and the number of the epoch alone, so that a resumed training needs no state.
    """
    seed = derive_seed(settings.global_seed, settings.id, settings.seed, "order", epoch)
    return torch.randperm(items, generator=torch.Generator().manual_seed(seed))


def epoch_changes(settings: RunSettings, epoch: int, split: Split) -> Changes | None:
    """Return what an epoch changes in the examples, in the order in which it visits them."""
    seed = derive_seed(settings.global_seed, settings.id, settings.seed, "augment", epoch)
    return draw_changes(settings.data.augment, len(split), seed, split.inputs.device)


def step_count(items: int, batch_size: int) -> int:
    """Return the number of steps of an epoch; the last batch may be smaller."""
    return -(-items // batch_size)


def examples_at_once(split: Split) -> int:
    """Return how many examples of a split to hold as floating-point numbers at a time."""
    return max(1, min(EXAMPLES_AT_ONCE, NUMBERS_AT_ONCE // split.inputs[0].numel()))


def batches(
    split: Split, order: Tensor, batch_size: int, first_step: int = 0, changes: Changes | None = None
) -> Iterator[Batch]:
    """Yield the batches of an epoch, in an order of its examples, from step ``first_step`` on."""
    at_once = max(1, examples_at_once(split) // batch_size) * batch_size
    order = order.to(split.targets.device)
    for start in range(first_step * batch_size, len(order), at_once):
        inputs, targets = split.take(order[start : start + at_once], changes, start)
        parts = zip(torch.split(inputs, batch_size), torch.split(targets, batch_size), strict=True)
        yield from (Batch((pictures,), labels) for pictures, labels in parts)


def _scale(dataset: StoredDataset, normalise: str, device: torch.device) -> tuple[Tensor, Tensor] | tuple[None, None]:
    if normalise == "unit":
        return None, None
    half = (0.5,) * len(dataset.mean)
    mean, std = (half, half) if normalise == "half" else (dataset.mean, dataset.std)
    return _per_channel(mean, device), _per_channel(std, device)


def _per_channel(values: tuple[float, ...], device: torch.device) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device).view(1, -1, 1, 1)


def mapped(array: np.ndarray[Any, Any]) -> Tensor:
    """Return a tensor over the array's own memory."""
    with warnings.catch_warnings():
        # The file is mapped read-only and torch has no read-only tensors; nothing here writes to one.
        warnings.filterwarnings("ignore", message=".*not writable.*")
        return torch.from_numpy(np.asarray(array))
