"""Batches cut whole from arrays that lie in mapped memory or on the device: no workers, no example touched singly."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rework.datasets.store import StoredDataset
from rework.errors import DataError
from rework.files import sha256_file
from rework.seeds import derive_seed
from rework.settings.run import RunSettings

# Examples that are gathered and scaled at once: enough that their cost vanishes beside the steps, and little memory.
EXAMPLES_AT_ONCE = 4096


@dataclass(frozen=True)
class Split:
    """One split of a data set as tensors on the device.

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
        return len(self.targets)

    def take(self, rows: Tensor | slice) -> tuple[Tensor, Tensor]:
        """Return the inputs, scaled to float32, and the targets of some rows."""
        inputs = self.inputs[rows].to(torch.float32) / 255
        if self.mean is not None and self.std is not None:
            inputs = (inputs - self.mean) / self.std
        if self.channels_last:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        return inputs, self.targets[rows]


def load_split(dataset: StoredDataset, normalise: str, device: torch.device, channels_last: bool, name: str) -> Split:
    """Return a split of a stored data set, scaled as ``DataSettings.normalise`` says, on the device.

    Raises:
        DataError: an array is not the one that ``dataset.json`` describes.
    """
    arrays = dataset.splits[name]
    for part in ("inputs", "targets"):
        described = dataset.info["splits"][name][part]
        path = dataset.directory / described["file"]
        if sha256_file(path) != described["sha256"]:
            raise DataError(f"{path}: its SHA-256 is not the one in dataset.json; preprocess the data set again")
    inputs = _mapped(arrays.inputs).to(device)
    standard = normalise == "standard"
    return Split(
        inputs=inputs,
        targets=_mapped(arrays.targets).to(device),
        mean=_per_channel(dataset.mean, device) if standard else None,
        std=_per_channel(dataset.std, device) if standard else None,
        channels_last=channels_last,
    )


def epoch_order(settings: RunSettings, epoch: int, examples: int) -> Tensor:
    """Return the order in which an epoch (counted from 0) visits the examples, shape (examples,).

    It depends on the names of the run and the number of the epoch alone, so that a resumed training needs no state.
    """
    seed = derive_seed(settings.global_seed, settings.id, settings.seed, "order", epoch)
    return torch.randperm(examples, generator=torch.Generator().manual_seed(seed))


def step_count(examples: int, batch_size: int) -> int:
    """Return the number of steps of an epoch; the last batch may be smaller."""
    return -(-examples // batch_size)


def batches(split: Split, order: Tensor, batch_size: int, first_step: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the batches of an epoch, inputs and targets, from step ``first_step`` on."""
    at_once = max(1, EXAMPLES_AT_ONCE // batch_size) * batch_size
    remaining = order[first_step * batch_size :].to(split.targets.device)
    for start in range(0, len(remaining), at_once):
        inputs, targets = split.take(remaining[start : start + at_once])
        yield from zip(torch.split(inputs, batch_size), torch.split(targets, batch_size), strict=True)


def _per_channel(values: tuple[float, ...], device: torch.device) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device).view(1, -1, 1, 1)


def _mapped(array: np.ndarray[Any, Any]) -> Tensor:
    """Return a tensor over the array's own memory."""
    with warnings.catch_warnings():
        # The file is mapped read-only and torch has no read-only tensors; nothing here writes to one.
        warnings.filterwarnings("ignore", message=".*not writable.*")
        return torch.from_numpy(np.asarray(array))
