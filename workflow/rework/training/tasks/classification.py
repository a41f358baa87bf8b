"""Classification: each example is assigned, independently, to one of the classes of its data set."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from rework.datasets.store import StoredDataset
from rework.errors import ConfigError
from rework.evaluation.labelling import LABEL_HEADLINE, LABEL_HISTORY, LABEL_METRICS, WORD_METRICS
from rework.models.building import example_arguments
from rework.models.words import WordModel
from rework.seeds import derive_seed
from rework.settings.run import RunSettings
from rework.training.batches import Batch, Split, batches, epoch_changes, epoch_order, step_count
from rework.training.capturing import capture_activations
from rework.training.history import Values
from rework.training.labelling import SMALL_WEIGHTS, Labelling
from rework.training.prediction import Predictions, predict, right_answers
from rework.training.record import EpochRecord, Outputs

LAYOUTS: tuple[str, ...] = ("examples", "words")
NEEDS: tuple[str, ...] = ("optimiser", "loss", "batch_size", "epochs")
OPTIONS: tuple[str, ...] = (
    *("data.normalise", "data.augment", "data.hold_out", "data.hold_out_seed", "initial", "l2", "keep"),
    *("max_steps", "precision", "probe", "capture"),
)
LOSSES: tuple[str, ...] = ("nll", "cross-entropy")
METRICS: Mapping[str, tuple[str, str]] = {**LABEL_METRICS, **SMALL_WEIGHTS}
LAYOUT_METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {"words": WORD_METRICS}
HISTORY: tuple[str, ...] = LABEL_HISTORY
# The loss of the last batch; the accuracy on random examples of the training and of the test split, in evaluation mode;
# and that of the training examples since the last probe (or the start of the epoch) as they were met, changed at random
# and with dropout.
PROBES: tuple[str, ...] = ("batch_loss", "train_accuracy", "test_accuracy", "met_accuracy")
ITEM: str = "example"
HEADLINE: str = LABEL_HEADLINE

_LOSSES = {
    "nll": F.nll_loss,  # of log-probabilities
    "cross-entropy": F.cross_entropy,  # of logits
}


class Classification(Labelling):
    """See ``Task``; a batch holds pictures, float32 N×C×H×W, and class numbers, int64 N."""

    probes = PROBES

    def check(self) -> None:
        """Refuse word models, and ``nll`` for a model that returns logits, which would run but mean nothing."""
        if isinstance(self.model, WordModel):
            raise ConfigError(
                f"{self.settings.id}: model {self.settings.model.name} reads whole words; expected task: words"
            )
        if self.settings.loss not in _LOSSES:
            raise ConfigError(f"loss {self.settings.loss!r}: expected one of {', '.join(_LOSSES)}")
        super().check()
        if self.settings.loss == "nll":
            total = self.model(*example_arguments(self.model)).exp().sum()
            if abs(float(total) - 1) > 1e-3:
                raise ConfigError(
                    "loss 'nll' needs a model that returns log-probabilities; use 'cross-entropy' for logits"
                )

    @property
    def steps_per_epoch(self) -> int:
        """Number of updates in a whole epoch."""
        return step_count(len(self.splits["train"]), self.settings.batch_size)

    def batches(self, epoch: int, first_step: int) -> Iterator[Batch]:
        """Yield batches in an order and with changes that derive from the names of the run."""
        split = self.splits["train"]
        return batches(
            split,
            epoch_order(self.settings, epoch, len(split)),
            self.settings.batch_size,
            first_step,
            epoch_changes(self.settings, epoch, split),
        )

    def loss(self, outputs: Outputs, batch: Batch) -> Tensor:
        """Return the mean loss of an example."""
        return _LOSSES[self.settings.loss](outputs[0], batch.targets)

    def recordable_batch(self) -> Batch | None:
        """Return the first examples of the training split."""
        inputs, targets = self.splits["train"].take(slice(0, self.settings.batch_size))
        return Batch((inputs,), targets)

    def probe(self, steps: int, loss: float, record: EpochRecord) -> Values:
        """Measure on random examples, drawn from a seed of this step; rare enough that it may block."""
        assert self.settings.probe is not None, "only a run with probes is probed"
        train, test = (self._probed_accuracy(self.splits[name], steps) for name in ("train", "test"))
        (met,) = record.recent_means(self.settings.probe.every)
        return {"batch_loss": loss, "train_accuracy": train, "test_accuracy": test, "met_accuracy": met}

    def predict(self, split: str) -> Predictions:
        """Return the model's predictions for a loaded split."""
        return predict(self.model, self.splits[split])

    def activations(self) -> dict[str, NDArray[np.float32]]:
        """Return the activations that the run captures, by layer."""
        return capture_activations(self.model, self.splits["test"], self.settings.capture)

    def _probed_accuracy(self, split: Split, steps: int) -> float:
        settings = self.settings
        assert settings.probe is not None, "only a run with probes is probed"
        seed = derive_seed(settings.global_seed, settings.id, settings.seed, "probe", steps)
        rows = torch.randint(len(split), (settings.probe.examples,), generator=torch.Generator().manual_seed(seed))
        inputs, targets = split.take(rows.to(split.targets.device))
        return right_answers(self.model, inputs, targets) / len(rows)


def build(settings: RunSettings, dataset: StoredDataset, model: nn.Module) -> Classification:
    """Return the task of a run."""
    return Classification(settings, dataset, model)
