"""Words: all examples of a word are read together, by a model with its own loss (a CRF, say)."""

from collections.abc import Iterator, Mapping
from typing import Literal

import torch
from torch import Tensor, nn

from rework.datasets.store import StoredDataset
from rework.errors import ConfigError
from rework.evaluation.labelling import LABEL_HEADLINE, LABEL_HISTORY, LABEL_METRICS, WORD_METRICS
from rework.models.words import WordModel
from rework.settings.run import RunSettings
from rework.training.batches import Batch, Split, epoch_order, mapped, step_count
from rework.training.labelling import SMALL_WEIGHTS, Labelling
from rework.training.prediction import BATCH_SIZE, Predictions, evaluation_mode
from rework.training.record import Outputs

LAYOUTS: tuple[str, ...] = ("words",)
NEEDS: tuple[str, ...] = ("optimiser", "loss", "batch_size", "epochs")
OPTIONS: tuple[str, ...] = ("data.normalise", "initial", "l2", "keep", "max_steps", "precision")
LOSSES: tuple[str, ...] = ("cross-entropy", "crf")
METRICS: Mapping[str, tuple[str, str]] = {**LABEL_METRICS, **WORD_METRICS, **SMALL_WEIGHTS}
LAYOUT_METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {}
HISTORY: tuple[str, ...] = LABEL_HISTORY
PROBES: tuple[str, ...] = ()
ITEM: str = "word"
HEADLINE: str = LABEL_HEADLINE

# How many words are gathered and scaled at once: enough to make the cost negligible, few enough for little memory.
WORDS_AT_ONCE = 512


class Words(Labelling):
    """See ``Task``; a batch holds the examples of some words, one word after another, and the lengths of the words."""

    model: WordModel

    def check(self) -> None:
        """Refuse models that read single examples, data without words, and losses other than the model's."""
        name, loss = self.settings.model.name, self.settings.loss
        if not isinstance(self.model, WordModel):
            raise ConfigError(f"{self.settings.id}: model {name} reads single examples; expected task: classification")
        if self.dataset.splits["train"].offsets is None:
            raise ConfigError(f"{self.settings.id}: the examples of data set {self.dataset.name} form no words")
        if loss != self.model.loss_name:
            raise ConfigError(f"loss {loss!r}: model {name} with these parameters trains with {self.model.loss_name!r}")
        super().check()

    def load(self, device: torch.device, channels_last: bool, purpose: Literal["training", "evaluation"]) -> None:
        """Load the splits, and the bounds of their words, which stay on the CPU."""
        super().load(device, channels_last, purpose)
        self.offsets = {name: _offsets(self.dataset, name) for name in self.splits}

    @property
    def steps_per_epoch(self) -> int:
        """Number of updates in a whole epoch."""
        return step_count(len(self.offsets["train"]) - 1, self.settings.batch_size)

    def batches(self, epoch: int, first_step: int) -> Iterator[Batch]:
        """Yield batches of whole words in an order that derives from the names of the run."""
        offsets = self.offsets["train"]
        order = epoch_order(self.settings, epoch, len(offsets) - 1)
        return word_batches(self.splits["train"], offsets, order, self.settings.batch_size, first_step)

    def loss(self, outputs: Outputs, batch: Batch) -> Tensor:
        """Return the mean loss of an example, as the model computes it."""
        return self.model.loss(outputs[0], batch.targets, batch.arguments[1])

    def predict(self, split: str) -> Predictions:
        """Return the model's predictions for a loaded split."""
        return predict_words(self.model, self.splits[split], self.offsets[split])


def build(settings: RunSettings, dataset: StoredDataset, model: nn.Module) -> Words:
    """Return the task of a run."""
    return Words(settings, dataset, model)


def word_batches(split: Split, offsets: Tensor, order: Tensor, batch_size: int, first_step: int = 0) -> Iterator[Batch]:
    """Yield batches of whole words in the given order, from step ``first_step`` on.

    Args:
        split: the examples.
        offsets: bounds of the words, int64 (words + 1,) on the CPU.
        order: numbers of words.
        batch_size: words in each batch but the last, which may have fewer.
        first_step: how many batches to skip.
    """
    at_once = max(1, WORDS_AT_ONCE // batch_size) * batch_size
    for start in range(first_step * batch_size, len(order), at_once):
        rows, lengths = word_rows(offsets, order[start : start + at_once])
        inputs, targets = split.take(rows.to(split.targets.device))
        by_batch = torch.split(lengths, batch_size)
        sizes = [int(part.sum()) for part in by_batch]
        parts = zip(torch.split(inputs, sizes), by_batch, torch.split(targets, sizes), strict=True)
        yield from (Batch((pictures, words), labels) for pictures, words, labels in parts)


def word_rows(offsets: Tensor, words: Tensor) -> tuple[Tensor, Tensor]:
    """Return the rows of all examples of some words, one word after another, and the lengths of the words.

    >>> word_rows(torch.tensor([0, 2, 5, 9]), torch.tensor([2, 0]))
    (tensor([5, 6, 7, 8, 0, 1]), tensor([4, 2]))
    """
    starts = offsets[words]
    lengths = offsets[words + 1] - starts
    ends = lengths.cumsum(0)
    within = torch.arange(int(ends[-1])) - (ends - lengths).repeat_interleave(lengths)
    return starts.repeat_interleave(lengths) + within, lengths


def predict_words(model: WordModel, split: Split, offsets: Tensor) -> Predictions:
    """Return the predictions for all examples of a split; see ``word_batches``."""
    log_probabilities, labels, total = [], [], 0.0
    with evaluation_mode(model):
        for batch in word_batches(split, offsets, torch.arange(len(offsets) - 1), BATCH_SIZE):
            emissions, lengths = model(*batch.arguments), batch.arguments[1]
            log_probabilities.append(model.log_probabilities(emissions, lengths))
            labels.append(model.decode(emissions, lengths))
            total += float(model.loss(emissions, batch.targets, lengths)) * len(batch.targets)
        return Predictions(
            log_probabilities=torch.cat(log_probabilities).cpu().numpy(),
            labels=torch.cat(labels).cpu().numpy(),
            loss=total / len(split),
        )


def _offsets(dataset: StoredDataset, split: str) -> Tensor:
    offsets = dataset.splits[split].offsets
    assert offsets is not None, "the task checks it before"
    return mapped(offsets)
