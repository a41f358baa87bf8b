"""The trainings whose steps are timed: runs of the full edition, on random data of the right shape."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from rework.catalogue.catalogue import Catalogue
from rework.catalogue.plan import owner_and_name
from rework.datasets.store import RawSplits, StoredDataset, open_dataset, write_dataset
from rework.models.building import build_model, example_arguments, input_shape
from rework.models.words import WordModel
from rework.settings.data import DatasetSettings
from rework.settings.run import Precision, RunSettings
from torch import Tensor, nn

# Enough that bytes and floats of the pictures leave the caches, as those of the real data sets do.
EXAMPLES = 10_000
# Each split but the one trained on; what the end of an epoch costs is no part of a step.
OTHER_EXAMPLES = 8
# Letters of a word of the OCR data.
SHORTEST, LONGEST = 3, 14


@dataclass(frozen=True)
class Protocol:
    """A training whose steps are timed; ``run`` is its ``writeup/run`` in the full edition."""

    name: str
    title: str
    run: str


PROTOCOLS = (
    Protocol("fashion", "Fashion CNN, batch 8", "fashion-captions/cnn"),
    Protocol("ocr-cnn", "OCR CNN, batch 64", "ocr/cnn-2"),
    Protocol("ocr-bilstm", "BiLSTM, one word", "ocr/bilstm"),
    Protocol("ocr-cnn-bilstm", "CNN+BiLSTM, one word", "ocr/cnn-bilstm"),
    Protocol("mnist-500", "MNIST CNN, batch 500", "mnist-cifar/mnist"),
    Protocol("mnist-5", "MNIST CNN, batch 5, L2", "mnist-cifar/mnist-l2"),
    Protocol("cifar-64", "CIFAR CNN, batch 64, augmented", "mnist-cifar/cifar"),
    Protocol("nist36-cifar", "nist36's CIFAR CNN, batch 4", "nist36/cifar-cnn"),
    Protocol("nist36-mlp", "nist36's MLP, batch 5", "nist36/mlp"),
)


@dataclass(frozen=True)
class Problem:
    """A run and the data that all its loops train on."""

    settings: RunSettings
    dataset: StoredDataset

    @property
    def words(self) -> bool:
        """Whether an item is a word of several letters."""
        return self.dataset.layout == "words"

    def model(self) -> nn.Module:
        """Return the run's network with fresh weights, always the same ones."""
        torch.manual_seed(0)
        return build_model(self.settings.model).train()

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss of a batch."""
        return F.nll_loss(outputs, targets) if self.settings.loss == "nll" else F.cross_entropy(outputs, targets)

    def optimiser(self, model: nn.Module, parameters: Iterable[Any] | None = None) -> torch.optim.Optimizer:
        """Return the run's optimiser in the implementation that torch takes by itself."""
        kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[self.settings.optimiser.name]
        optimiser: torch.optim.Optimizer = kind(
            model.parameters() if parameters is None else parameters,
            lr=self.settings.optimiser.learning_rate,
            **self.settings.optimiser.options,
        )
        return optimiser


def pose(catalogue: Catalogue, protocol: Protocol, folder: Path, precision: Precision | None = None) -> Problem:
    """Return a protocol's run, without its probes, and write random data for it into a folder.

    ``precision`` replaces the run's own.
    """
    settings = catalogue.run("full", *owner_and_name(protocol.run), 0)
    settings = replace(settings, probe=None, max_steps=None, precision=precision or settings.precision)
    model = build_model(settings.model).eval()
    shape, words = input_shape(model), isinstance(model, WordModel)
    with torch.inference_mode():
        classes = model(*example_arguments(model)).shape[1]
    generator = np.random.default_rng(0)
    splits = {
        split: _random_split(generator, count, shape, classes, words)
        for split, count in (("train", EXAMPLES), ("validation", OTHER_EXAMPLES), ("test", OTHER_EXAMPLES))
    }
    name, layout = settings.data.dataset, "words" if words else "examples"
    raw = RawSplits(splits, tuple(f"class {number}" for number in range(classes)))
    write_dataset(folder, raw, DatasetSettings(name=name, sample=True, assets=(), layout=layout))
    return Problem(settings, open_dataset(folder))


def _random_split(
    generator: np.random.Generator, count: int, shape: tuple[int, ...], classes: int, words: bool
) -> tuple[np.ndarray[Any, Any], ...]:
    inputs = generator.integers(0, 256, (count, *shape), dtype=np.uint8)
    targets = generator.integers(0, classes, count)
    if not words:
        return inputs, targets
    lengths = generator.integers(SHORTEST, LONGEST + 1, count)
    ends = lengths.cumsum()
    return inputs, targets, np.array([0, *ends[ends < count], count])
