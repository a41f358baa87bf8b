"""Sentiment: a model reads a text word by word and says whether it is positive."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from rework.datasets.labelled_texts import stored_words
from rework.datasets.store import StoredDataset, verify_split
from rework.errors import ConfigError
from rework.evaluation.metrics import accuracy
from rework.models.sentiment_lstm import SentimentLSTM
from rework.seeds import derive_seed
from rework.settings.run import RunSettings
from rework.training.batches import Batch, epoch_order, mapped, step_count
from rework.training.history import Values
from rework.training.prediction import evaluation_mode
from rework.training.record import EpochRecord, Outputs, Step, Tally
from rework.training.tasks.carrying import CarryingTask
from rework.training.tasks.task import Evaluation

LAYOUTS: tuple[str, ...] = ("texts",)
NEEDS: tuple[str, ...] = ("optimiser", "loss", "batch_size", "epochs")
OPTIONS: tuple[str, ...] = ("max_steps", "precision")
LOSSES: tuple[str, ...] = ("binary-cross-entropy",)
# The scores of the run's own protocol, and those of each test text by itself, from a state of zeros.
METRICS: Mapping[str, tuple[str, str]] = {
    "validation_accuracy": ("share", "higher"),
    "validation_loss": ("nats", "lower"),
    "test_accuracy": ("share", "higher"),
    "test_loss": ("nats", "lower"),
    "test_alone_accuracy": ("share", "higher"),
    "test_alone_loss": ("nats", "lower"),
}
LAYOUT_METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {}
HISTORY: tuple[str, ...] = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
PROBES: tuple[str, ...] = ()
ITEM: str = "text"
HEADLINE: str = "test_accuracy"


@dataclass(frozen=True)
class Judged:
    """The log odds of a positive text for each text of a split, float N, and the mean loss of a text in nats."""

    log_odds: NDArray[np.float32]
    loss: float


class Sentiment(CarryingTask):
    """See ``Task``; a batch holds texts, int32 N x length, the states that its texts start with, and float N targets.

    Args:
        carry: whether a batch starts with the states that the batch before it ended with, as in the course, though the
            texts have nothing to do with each other. Each epoch and each measurement begins with zeros.
    """

    history = HISTORY
    model: SentimentLSTM

    def __init__(self, settings: RunSettings, dataset: StoredDataset, model: nn.Module, carry: bool) -> None:
        self.carries = carry
        super().__init__(settings, dataset, model)

    def check(self) -> None:
        """Refuse models that read no texts, texts of another length, or a larger vocabulary than the model's."""
        name, run = self.settings.model.name, self.settings.id
        if not isinstance(self.model, SentimentLSTM):
            raise ConfigError(f"{run}: model {name} reads no texts")
        length = self.dataset.splits["train"].inputs.shape[1:]
        if length != self.model.input_shape:
            raise ConfigError(
                f"{run}: model {name} reads {self.model.input_shape[0]} words, but the texts of data set "
                f"{self.dataset.name} have {length[0]}; set model.length to that"
            )
        words = len(stored_words(self.dataset)) + 1
        if self.model.words < words:
            raise ConfigError(
                f"{run}: model {name} knows {self.model.words} words, but data set {self.dataset.name} has {words} "
                "with the padding; set model.words to that"
            )

    def load(self, device: torch.device, channels_last: bool, purpose: Literal["training", "evaluation"]) -> None:
        """Load the texts that are read; a training does not read the test split."""
        del channels_last
        self.texts: dict[str, Tensor] = {}
        self.targets: dict[str, Tensor] = {}
        for name in ("train", "validation") if purpose == "training" else ("validation", "test"):
            verify_split(self.dataset, name)
            split = self.dataset.splits[name]
            self.texts[name] = mapped(split.inputs).to(device)
            self.targets[name] = mapped(split.targets).to(device, torch.float32)

    @property
    def steps_per_epoch(self) -> int:
        """Number of updates in a whole epoch."""
        return step_count(len(self.dataset.splits["train"].targets), self.settings.batch_size)

    def batches(self, epoch: int, first_step: int) -> Iterator[Batch]:
        """Yield batches in an order that derives from the names of the run, with the states that are carried on."""
        if not first_step:
            self.carried = None
        texts, targets = self.texts["train"], self.targets["train"]
        order = epoch_order(self.settings, epoch, len(texts)).to(texts.device)
        for rows in torch.split(order, self.settings.batch_size)[first_step:]:
            yield Batch((texts[rows], *self._states(len(rows))), targets[rows])

    def loss(self, outputs: Outputs, batch: Batch) -> Tensor:
        """Return the mean loss of a text."""
        return F.binary_cross_entropy_with_logits(outputs[0], batch.targets)

    def carry(self, outputs: Outputs) -> None:
        """Keep the states after a batch if the run's protocol carries them on."""
        if self.carries:
            super().carry(outputs)

    def tally(self, steps: Sequence[Step]) -> Tally:
        """Count texts and correct answers."""
        weights = torch.tensor([len(step.targets) for step in steps])
        hits = torch.stack([((step.outputs[0] > 0) == (step.targets > 0.5)).sum() for step in steps])
        return Tally(weights, hits.cpu().double().unsqueeze(1))

    def end_epoch(self, record: EpochRecord) -> Values:
        """Measure the validation split."""
        judged = self.judge("validation", self.carries)
        (train_accuracy,) = record.means()
        return {
            "train_loss": record.mean_loss(),
            "train_accuracy": train_accuracy,
            "validation_loss": judged.loss,
            "validation_accuracy": self._accuracy("validation", judged),
        }

    def epoch_text(self, values: Values) -> str:
        """Return the losses and accuracies."""
        return (
            f"loss {values['train_loss']:.4f}  accuracy {values['train_accuracy']:.2%}  "
            f"validation loss {values['validation_loss']:.4f}  accuracy {values['validation_accuracy']:.2%}"
        )

    def evaluate(self) -> Evaluation:
        """Measure validation and test split, and keep the log odds of each test text, carried on and by itself."""
        validation, test = (self.judge(name, self.carries) for name in ("validation", "test"))
        alone = self.judge("test", carries=False) if self.carries else test
        found = {"validation": validation, "test": test, "test_alone": alone}
        metrics: dict[str, tuple[float, int]] = {}
        for name, judged in found.items():
            count = len(judged.log_odds)
            metrics[f"{name}_accuracy"] = (self._accuracy(name.removesuffix("_alone"), judged), count)
            metrics[f"{name}_loss"] = (judged.loss, count)
        return Evaluation(metrics, {"log_odds": test.log_odds, "log_odds_alone": alone.log_odds})

    def judge(self, split: str, carries: bool) -> Judged:
        """Judge all texts of a loaded split, in its reading order, in batches as large as those of the training."""
        order = self.reading_order(split)
        log_odds = torch.empty(len(order), device=order.device)
        states: tuple[Tensor, ...] | None = None
        with evaluation_mode(self.model):
            for rows in torch.split(order, self.settings.batch_size):
                if states is None or not carries:
                    states = self.model.start(len(rows))
                texts = self.texts[split][rows]
                log_odds[rows], *states = self.model(texts, *(state[:, : len(rows)].contiguous() for state in states))
        loss = F.binary_cross_entropy_with_logits(log_odds.double(), self.targets[split].double())
        return Judged(log_odds.cpu().numpy(), float(loss))

    def reading_order(self, split: str) -> Tensor:
        """Return the order in which a split is read for a measurement, int64 N: one at random, as in the course.

        Stored texts may alternate between the classes. Then every text would follow one of its own class at the same
        place of the batch before, and a state that is carried on would tell the answer.
        """
        texts = self.texts[split]
        seed = derive_seed(self.settings.global_seed, self.settings.id, self.settings.seed, "reading order", split)
        return torch.randperm(len(texts), generator=torch.Generator().manual_seed(seed)).to(texts.device)

    def _states(self, texts: int) -> tuple[Tensor, Tensor]:
        """Return the states that a batch starts with."""
        if self.carried is None:
            return self.model.start(texts)
        hidden, cell = (state[:, :texts].contiguous() for state in self.carried)
        return hidden, cell

    def _accuracy(self, split: str, judged: Judged) -> float:
        targets = np.asarray(self.dataset.splits[split].targets)
        return accuracy((judged.log_odds > 0).astype(np.int64), targets)


def build(settings: RunSettings, dataset: StoredDataset, model: nn.Module, *, carry: bool = True) -> Sentiment:
    """Return the task of a run."""
    return Sentiment(settings, dataset, model, carry)
