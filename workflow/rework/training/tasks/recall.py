"""Recall: a network reads a sequence of symbols and says at the end which of them was marked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from rework.datasets.store import StoredDataset, verify_split
from rework.errors import ConfigError
from rework.evaluation.remembering import reach
from rework.models.recall_network import RecallNetwork
from rework.settings.run import RunSettings
from rework.training.batches import Batch, epoch_order, mapped, step_count
from rework.training.history import Values
from rework.training.prediction import evaluation_mode
from rework.training.record import EpochRecord, Outputs, Step, Tally
from rework.training.tasks.task import Evaluation, Task

LAYOUTS: tuple[str, ...] = ("sequences",)
NEEDS: tuple[str, ...] = ("optimiser", "loss", "batch_size", "epochs")
OPTIONS: tuple[str, ...] = ("max_steps", "precision")
LOSSES: tuple[str, ...] = ("cross-entropy",)
# The reach is how many symbols back the mark may be for half of the answers to be right.
METRICS: Mapping[str, tuple[str, str]] = {
    "validation_accuracy": ("share", "higher"),
    "validation_loss": ("nats", "lower"),
    "test_accuracy": ("share", "higher"),
    "test_loss": ("nats", "lower"),
    "test_reach": ("symbols", "higher"),
}
LAYOUT_METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {}
HISTORY: tuple[str, ...] = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
PROBES: tuple[str, ...] = ()
ITEM: str = "sequence"
HEADLINE: str = "test_accuracy"

SEQUENCES_AT_ONCE = 1000


@dataclass(frozen=True)
class Answers:
    """Which answers for the sequences of a split are right, bool N, and their mean loss in nats."""

    right: NDArray[np.bool_]
    loss: float

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return float(self.right.mean())


class Recall(Task):
    """See ``Task``; a batch holds sequences, uint8 N x length, and the symbols that are marked in them, int64 N."""

    history = HISTORY
    model: RecallNetwork

    def check(self) -> None:
        """Refuse models that read no symbols, and ones for another number of symbols."""
        name, run = self.settings.model.name, self.settings.id
        if not isinstance(self.model, RecallNetwork):
            raise ConfigError(f"{run}: model {name} reads no symbols")
        if self.model.symbols != len(self.dataset.classes):
            raise ConfigError(
                f"{run}: model {name} knows {self.model.symbols} symbols, but data set {self.dataset.name} has "
                f"{len(self.dataset.classes)}; leave out model.vocabulary"
            )

    def load(self, device: torch.device, channels_last: bool, purpose: Literal["training", "evaluation"]) -> None:
        """Load the sequences that are read; a training does not read the test split."""
        del channels_last
        self.sequences: dict[str, Tensor] = {}
        self.targets: dict[str, Tensor] = {}
        for name in ("train", "validation") if purpose == "training" else ("validation", "test"):
            verify_split(self.dataset, name)
            split = self.dataset.splits[name]
            self.sequences[name] = mapped(split.inputs).to(device)
            self.targets[name] = mapped(split.targets).to(device)

    @property
    def steps_per_epoch(self) -> int:
        """Number of updates in a whole epoch."""
        return step_count(len(self.dataset.splits["train"].targets), self.settings.batch_size)

    def batches(self, epoch: int, first_step: int) -> Iterator[Batch]:
        """Yield batches in an order that derives from the names of the run."""
        sequences, targets = self.sequences["train"], self.targets["train"]
        order = epoch_order(self.settings, epoch, len(sequences)).to(sequences.device)
        for rows in torch.split(order, self.settings.batch_size)[first_step:]:
            yield Batch((sequences[rows],), targets[rows])

    def loss(self, outputs: Outputs, batch: Batch) -> Tensor:
        """Return the mean loss of a sequence."""
        return F.cross_entropy(outputs[0], batch.targets)

    def tally(self, steps: Sequence[Step]) -> Tally:
        """Count sequences and right answers."""
        weights = torch.tensor([len(step.targets) for step in steps])
        hits = torch.stack([(step.outputs[0].argmax(dim=1) == step.targets).sum() for step in steps])
        return Tally(weights, hits.cpu().double().unsqueeze(1))

    def end_epoch(self, record: EpochRecord) -> Values:
        """Measure the validation split."""
        found = self.answers("validation")
        (train_accuracy,) = record.means()
        return {
            "train_loss": record.mean_loss(),
            "train_accuracy": train_accuracy,
            "validation_loss": found.loss,
            "validation_accuracy": found.accuracy,
        }

    def epoch_text(self, values: Values) -> str:
        """Return the losses and accuracies."""
        return (
            f"loss {values['train_loss']:.4f}  accuracy {values['train_accuracy']:.2%}  "
            f"validation loss {values['validation_loss']:.4f}  accuracy {values['validation_accuracy']:.2%}"
        )

    def evaluate(self) -> Evaluation:
        """Measure both splits, and count the right answers of the test split at each distance, int64 distances."""
        validation, test = self.answers("validation"), self.answers("test")
        distances = np.asarray(self.dataset.splits["test"].arrays["distances"]) - 1
        shown = np.bincount(distances)
        right = np.bincount(distances, test.right).astype(np.int64)
        count = len(distances)
        return Evaluation(
            metrics={
                "validation_accuracy": (validation.accuracy, len(validation.right)),
                "validation_loss": (validation.loss, len(validation.right)),
                "test_accuracy": (test.accuracy, count),
                "test_loss": (test.loss, count),
                "test_reach": (float(reach(right, shown)), count),
            },
            arrays={"right": right, "shown": shown},
        )

    def answers(self, split: str) -> Answers:
        """Answer all sequences of a loaded split."""
        with evaluation_mode(self.model):
            logits = torch.cat([self.model(part) for part in torch.split(self.sequences[split], SEQUENCES_AT_ONCE)])
        targets = self.targets[split]
        right = (logits.argmax(dim=1) == targets).cpu().numpy()
        return Answers(right, float(F.cross_entropy(logits.double(), targets)))


def build(settings: RunSettings, dataset: StoredDataset, model: nn.Module) -> Recall:
    """Return the task of a run."""
    return Recall(settings, dataset, model)
