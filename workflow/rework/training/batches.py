"""Batches cut whole from arrays in mapped memory or on the device: no workers, no example touched singly."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rework.datasets.store import StoredDataset
from rework.errors import ConfigError, DataError
from rework.files import sha256_file
from rework.seeds import derive_seed
from rework.settings.run import DataSettings, RunSettings
from rework.training.augmentation import Changes, draw_changes

# Examples that are gathered and scaled at once: enough that their cost vanishes beside the steps, and little memory,
# also where they are photographs.
EXAMPLES_AT_ONCE = 4096
NUMBERS_AT_ONCE = EXAMPLES_AT_ONCE * 3 * 32 * 32
WORDS_AT_ONCE = 512


@dataclass(frozen=True)
class Batch:
    """Inputs (float32 N×C×H×W), targets (N) and, for words, the number of examples of each (int64 B on the CPU)."""

    inputs: Tensor
    targets: Tensor
    lengths: Tensor | None = None

    @property
    def arguments(self) -> tuple[Tensor, ...]:
        """What the model is called with."""
        return (self.inputs,) if self.lengths is None else (self.inputs, self.lengths)


@dataclass(frozen=True)
class Split:
    """One split of a data set as tensors on the device.

    Attributes:
        inputs: bytes, shape (N, C, H, W); on a CPU the file's own pages, which all processes of a machine share.
        targets: class numbers, shape (N,).
        mean: subtracted after scaling to 0..1, shape (1, C, 1, 1); None to leave the inputs in 0..1.
        std: divided by after that; None likewise.
        channels_last: whether the channel is the fastest dimension in memory of what ``take`` returns.
        offsets: bounds of the words, shape (words + 1,), on the CPU, where batches consist of words; otherwise None.
    """

    inputs: Tensor
    targets: Tensor
    mean: Tensor | None
    std: Tensor | None
    channels_last: bool
    offsets: Tensor | None = None

    def __len__(self) -> int:
        """Return the number of items that batches consist of: words, or examples."""
        return len(self.targets) if self.offsets is None else len(self.offsets) - 1

    @property
    def examples(self) -> int:
        """Number of examples."""
        return len(self.targets)

    def take(self, rows: Tensor | slice, changes: Changes | None = None, first: int = 0) -> tuple[Tensor, Tensor]:
        """Return the inputs, scaled to float32, and the targets of some rows.

        ``changes`` are made to the bytes before; the first row is number ``first`` of those that they speak of.
        """
        pixels = self.inputs[rows]
        if changes is not None:
            pixels = changes.apply(pixels, first)
        inputs = pixels.to(torch.float32) / 255
        if self.mean is not None and self.std is not None:
            inputs = (inputs - self.mean) / self.std
        if self.channels_last:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        return inputs, self.targets[rows]

    def words(self, words: Tensor) -> tuple[Tensor, Tensor]:
        """Return the rows of all examples of some words, one word after another, and the words' lengths."""
        assert self.offsets is not None, "only a split of words has words"
        starts = self.offsets[words]
        lengths = self.offsets[words + 1] - starts
        ends = lengths.cumsum(0)
        within = torch.arange(int(ends[-1])) - (ends - lengths).repeat_interleave(lengths)
        return starts.repeat_interleave(lengths) + within, lengths


def load_split(
    dataset: StoredDataset, data: DataSettings, device: torch.device, channels_last: bool, name: str
) -> Split:
    """Return a split of a stored data set, scaled and viewed as ``data`` says, on the device.

    Raises:
        DataError: an array is not the one that ``dataset.json`` describes.
        ConfigError: words are asked for, and the examples form none.
    """
    arrays = dataset.splits[name]
    for part in ("inputs", "targets", "offsets"):
        described = dataset.info["splits"][name].get(part)
        if described is None:
            continue
        path = dataset.directory / described["file"]
        if sha256_file(path) != described["sha256"]:
            raise DataError(f"{path}: its SHA-256 is not the one in dataset.json; preprocess the data set again")
    if data.view == "words" and arrays.offsets is None:
        raise ConfigError(f"data.view is words, but the examples of data set {dataset.name} form none; use examples")
    mean, std = _scale(dataset, data.normalise, device)
    return Split(
        inputs=_mapped(arrays.inputs).to(device),
        targets=_mapped(arrays.targets).to(device),
        mean=mean,
        std=std,
        channels_last=channels_last,
        offsets=_mapped(arrays.offsets) if data.view == "words" and arrays.offsets is not None else None,
    )


def epoch_order(settings: RunSettings, epoch: int, items: int) -> Tensor:
    """Return the order in which an epoch (counted from 0) visits the examples or words, shape (items,).

    It depends on the names of the run and the number of the epoch alone, so that a resumed training needs no state.
    """
    seed = derive_seed(settings.global_seed, settings.id, settings.seed, "order", epoch)
    return torch.randperm(items, generator=torch.Generator().manual_seed(seed))


def epoch_changes(settings: RunSettings, epoch: int, split: Split) -> Changes | None:
    """Return what an epoch changes in the examples, in the order in which it visits them."""
    seed = derive_seed(settings.global_seed, settings.id, settings.seed, "augment", epoch)
    return draw_changes(settings.data.augment, split.examples, seed, split.inputs.device)


def step_count(items: int, batch_size: int) -> int:
    """Return the number of steps of an epoch; the last batch may be smaller."""
    return -(-items // batch_size)


def examples_at_once(split: Split) -> int:
    """Return how many examples of a split to hold as floating-point numbers at a time."""
    return max(1, min(EXAMPLES_AT_ONCE, NUMBERS_AT_ONCE // split.inputs[0].numel()))


def batches(
    split: Split, order: Tensor, batch_size: int, first_step: int = 0, changes: Changes | None = None
) -> Iterator[Batch]:
    """Yield the batches of an epoch from step ``first_step`` on: ``batch_size`` examples, or so many whole words."""
    if split.offsets is not None:
        yield from _word_batches(split, order, batch_size, first_step)
        return
    at_once = max(1, examples_at_once(split) // batch_size) * batch_size
    order = order.to(split.targets.device)
    for start in range(first_step * batch_size, len(order), at_once):
        inputs, targets = split.take(order[start : start + at_once], changes, start)
        yield from map(Batch, torch.split(inputs, batch_size), torch.split(targets, batch_size))


def _word_batches(split: Split, order: Tensor, batch_size: int, first_step: int) -> Iterator[Batch]:
    at_once = max(1, WORDS_AT_ONCE // batch_size) * batch_size
    for start in range(first_step * batch_size, len(order), at_once):
        rows, lengths = split.words(order[start : start + at_once])
        inputs, targets = split.take(rows.to(split.targets.device))
        by_batch = torch.split(lengths, batch_size)
        sizes = [int(part.sum()) for part in by_batch]
        yield from map(Batch, torch.split(inputs, sizes), torch.split(targets, sizes), by_batch)


def _scale(dataset: StoredDataset, normalise: str, device: torch.device) -> tuple[Tensor, Tensor] | tuple[None, None]:
    if normalise == "unit":
        return None, None
    half = (0.5,) * len(dataset.mean)
    mean, std = (half, half) if normalise == "half" else (dataset.mean, dataset.std)
    return _per_channel(mean, device), _per_channel(std, device)


def _per_channel(values: tuple[float, ...], device: torch.device) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device).view(1, -1, 1, 1)


def _mapped(array: np.ndarray[Any, Any]) -> Tensor:
    """Return a tensor over the array's own memory."""
    with warnings.catch_warnings():
        # The file is mapped read-only and torch has no read-only tensors; nothing here writes to one.
        warnings.filterwarnings("ignore", message=".*not writable.*")
        return torch.from_numpy(np.asarray(array))
