"""(a) The loop as a writeup's author would have written it: a data set of single pictures behind a data loader.

Two worker processes transform one picture after another; the network runs operation by operation, with as many threads
as torch takes by itself; the loss is read after every step. Written anew, after the tutorials that the authors learnt
from.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from loops.protocols import Problem

WORKERS = 2
Transform = Callable[[Any], Tensor]


class Pictures(Dataset[tuple[Tensor, int]]):
    """Pictures as torchvision's own data sets give them: each a Pillow image, which is then transformed."""

    def __init__(
        self, inputs: NDArray[np.uint8], targets: NDArray[np.int64], transform: Callable[[Any], Tensor]
    ) -> None:
        self.pictures = inputs[:, 0] if inputs.shape[1] == 1 else inputs.transpose(0, 2, 3, 1)
        self.targets = targets.tolist()
        self.transform = transform

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(np.ascontiguousarray(self.pictures[index]))), self.targets[index]


class Characters(Dataset[tuple[Tensor, Tensor]]):
    """Characters read from one file of numbers, each a row of it."""

    def __init__(self, inputs: NDArray[np.uint8], targets: NDArray[np.int64]) -> None:
        self.rows = inputs.astype(np.float32) / 255
        self.targets = targets

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return torch.tensor(self.rows[index]), torch.tensor(self.targets[index])


class WholeWords(Dataset[tuple[Tensor, Tensor]]):
    """The letters of a word, and what they are."""

    def __init__(self, inputs: NDArray[np.uint8], targets: NDArray[np.int64], offsets: NDArray[np.int64]) -> None:
        self.letters = inputs.astype(np.float32) / 255
        self.targets = targets
        self.offsets = offsets

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        word = slice(self.offsets[index], self.offsets[index + 1])
        return torch.tensor(self.letters[word]), torch.tensor(self.targets[word])


def writeup_loop(problem: Problem) -> Iterator[None]:
    """Train for ever; yield after each step."""
    train = problem.dataset.splits["train"]
    if train.offsets is not None:
        return _train_on_words(problem, WholeWords(train.inputs, train.targets, train.offsets))
    if problem.dataset.name in ("ocr-letters", "nist36"):
        return _train_on_examples(problem, Characters(train.inputs, train.targets))
    return _train_on_examples(problem, Pictures(train.inputs, train.targets, _transform(problem)))


def _transform(problem: Problem) -> Transform:
    data = problem.settings.data
    steps: list[Callable[[Any], Any]] = []
    if data.augment.flip:
        steps.append(transforms.RandomHorizontalFlip(data.augment.flip))
    if data.augment.greyscale:
        steps.append(transforms.RandomGrayscale(data.augment.greyscale))
    steps.append(transforms.ToTensor())
    if data.normalise == "half":
        half = (0.5,) * problem.dataset.splits["train"].inputs.shape[1]
        steps.append(transforms.Normalize(half, half))
    composed: Transform = transforms.Compose(steps)
    return composed


def _train_on_examples(problem: Problem, dataset: Dataset[Any]) -> Iterator[None]:
    model = problem.model()
    optimiser = problem.optimiser(model)
    loader = DataLoader(dataset, batch_size=problem.settings.batch_size, shuffle=True, num_workers=WORKERS)
    while True:
        running_loss, right = 0.0, 0
        for pictures, targets in loader:
            optimiser.zero_grad()
            outputs = model(pictures)
            loss = problem.loss(outputs, targets)
            if problem.settings.l2.strength:
                loss = loss + problem.settings.l2.strength / 2 * _sum_of_squares(model)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            running_loss += loss.item()
            right += (outputs.argmax(dim=1) == targets).sum().item()
            yield


def _train_on_words(problem: Problem, dataset: WholeWords) -> Iterator[None]:
    model = problem.model()
    optimiser = problem.optimiser(model)
    loader = DataLoader(dataset, batch_size=1, shuffle=True, num_workers=WORKERS)
    while True:
        running_loss, right = 0.0, 0
        for letters, targets in loader:
            optimiser.zero_grad()
            outputs = model(letters[0], torch.tensor([letters.shape[1]]))
            loss = problem.loss(outputs, targets[0])
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            running_loss += loss.item()
            right += (outputs.argmax(dim=1) == targets[0]).sum().item()
            yield


def _sum_of_squares(model: nn.Module) -> Tensor:
    squares = [(parameter**2).sum() for name, parameter in model.named_parameters() if "weight" in name]
    return torch.stack(squares).sum()
