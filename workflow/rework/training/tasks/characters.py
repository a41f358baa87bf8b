"""A language model of characters: after each character of a text, it says how likely each is to come next."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rework.datasets.store import StoredDataset, verify_split
from rework.errors import ConfigError, TrainingError
from rework.models.char_lstm import CharLSTM
from rework.settings.ranges import Count
from rework.settings.run import RunSettings
from rework.training.batches import Batch, mapped
from rework.training.history import Values
from rework.training.prediction import evaluation_mode
from rework.training.record import EpochRecord, Outputs, Step, Tally
from rework.training.tasks.carrying import CarryingTask
from rework.training.tasks.task import Evaluation

LAYOUTS: tuple[str, ...] = ("characters",)
NEEDS: tuple[str, ...] = ("optimiser", "loss", "batch_size", "epochs")
OPTIONS: tuple[str, ...] = ("max_steps", "precision")
LOSSES: tuple[str, ...] = ("cross-entropy",)
# The loss is that of a character, and the perplexity its exponential.
METRICS: Mapping[str, tuple[str, str]] = {
    "validation_loss": ("nats", "lower"),
    "validation_perplexity": ("", "lower"),
    "validation_accuracy": ("share", "higher"),
}
LAYOUT_METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {}
HISTORY: tuple[str, ...] = (
    *("train_loss", "train_perplexity"),
    *("validation_loss", "validation_perplexity", "validation_accuracy"),
)
PROBES: tuple[str, ...] = ()
ITEM: str = "row"
HEADLINE: str = "validation_loss"

_Rows = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Guessed:
    """The mean loss of a character in nats, the share that was thought likeliest, and their number."""

    loss: float
    accuracy: float
    characters: int


def perplexity(loss: float) -> float:
    """Return the perplexity of a loss in nats: how many equally likely characters would be as hard to guess.

    >>> round(perplexity(1.295), 2)
    3.65

    Raises:
        TrainingError: the loss is that of a training that has gone astray; no number is so large.
    """
    try:
        return math.exp(loss)
    except OverflowError:
        raise TrainingError(
            f"a loss of {loss:g} nats a character has no perplexity; lower optimiser.learning_rate"
        ) from None


def text_rows(text: Tensor, rows: int, steps: int) -> _Rows:
    """Return a text cut into rows of equal length, and the character that follows each, int64 rows x length.

    As in the course, the length is the largest multiple of ``steps`` for which the text suffices, and what is left at
    the end is not used. The course lets each row be followed by its own first character; here, it is the text's next.

    >>> [part.tolist() for part in text_rows(torch.arange(10), rows=2, steps=2)]
    [[[0, 1, 2, 3], [4, 5, 6, 7]], [[1, 2, 3, 4], [5, 6, 7, 8]]]
    """
    used = rows * steps * ((len(text) - 1) // (rows * steps))
    return text[:used].view(rows, -1), text[1 : used + 1].view(rows, -1)


class Characters(CarryingTask):
    """See ``Task``; a batch holds the next characters of each row, int64 rows x steps, and the states before them.

    Args:
        steps: characters of a row in a batch, through which gradients flow back.
    """

    history = HISTORY
    model: CharLSTM

    def __init__(self, settings: RunSettings, dataset: StoredDataset, model: nn.Module, steps: int) -> None:
        self.steps = steps
        super().__init__(settings, dataset, model)

    def check(self) -> None:
        """Refuse models that read no characters, ones for another number of them, and texts shorter than a batch."""
        name, run = self.settings.model.name, self.settings.id
        if not isinstance(self.model, CharLSTM):
            raise ConfigError(f"{run}: model {name} reads no characters")
        if self.model.vocabulary != len(self.dataset.classes):
            raise ConfigError(
                f"{run}: model {name} knows {self.model.vocabulary} characters, but data set {self.dataset.name} has "
                f"{len(self.dataset.classes)}; leave out model.vocabulary"
            )
        least = self.settings.batch_size * self.steps
        for split, arrays in self.dataset.splits.items():
            if len(arrays.targets) <= least:
                raise ConfigError(
                    f"{run}: the {split} split of data set {self.dataset.name} has {len(arrays.targets)} characters, "
                    f"which are not enough for a batch of {self.settings.batch_size} rows of {self.steps}"
                )

    def load(self, device: torch.device, channels_last: bool, purpose: Literal["training", "evaluation"]) -> None:
        """Load the text that is read."""
        del channels_last
        self.rows: dict[str, _Rows] = {}
        for name in ("train", "validation") if purpose == "training" else ("validation",):
            verify_split(self.dataset, name)
            text = mapped(self.dataset.splits[name].targets).to(device)
            self.rows[name] = text_rows(text, self.settings.batch_size, self.steps)

    @property
    def steps_per_epoch(self) -> int:
        """Number of updates in a whole epoch."""
        characters = len(self.dataset.splits["train"].targets) - 1
        return characters // (self.settings.batch_size * self.steps)

    def batches(self, epoch: int, first_step: int) -> Iterator[Batch]:
        """Yield the rows from left to right, with the states that are carried on; an epoch begins with zeros."""
        del epoch
        if not first_step:
            self.carried = None
        for step, (characters, targets) in enumerate(self._windows("train")):
            if step >= first_step:
                yield Batch((characters, *(self.carried or self.model.start(len(characters)))), targets)

    def loss(self, outputs: Outputs, batch: Batch) -> Tensor:
        """Return the mean loss of a character."""
        return F.cross_entropy(outputs[0].flatten(0, 1), batch.targets.flatten())

    def tally(self, steps: Sequence[Step]) -> Tally:
        """Count characters."""
        weights = torch.tensor([step.targets.numel() for step in steps])
        return Tally(weights, torch.zeros(len(steps), 1, dtype=torch.float64))

    def end_epoch(self, record: EpochRecord) -> Values:
        """Measure the validation split."""
        found, train_loss = self.guessed("validation"), record.mean_loss()
        return {
            "train_loss": train_loss,
            "train_perplexity": perplexity(train_loss),
            "validation_loss": found.loss,
            "validation_perplexity": perplexity(found.loss),
            "validation_accuracy": found.accuracy,
        }

    def epoch_text(self, values: Values) -> str:
        """Return the losses and the perplexity."""
        return (
            f"loss {values['train_loss']:.4f}  validation loss {values['validation_loss']:.4f}  "
            f"perplexity {values['validation_perplexity']:.3f}  accuracy {values['validation_accuracy']:.2%}"
        )

    def evaluate(self) -> Evaluation:
        """Measure the validation split; there is no other."""
        found = self.guessed("validation")
        values = {
            "validation_loss": found.loss,
            "validation_perplexity": perplexity(found.loss),
            "validation_accuracy": found.accuracy,
        }
        return Evaluation({name: (value, found.characters) for name, value in values.items()})

    def guessed(self, split: str) -> Guessed:
        """Guess each character of a loaded split after those before it in its row; the rows begin with zeros."""
        loss, hits, count = 0.0, 0, 0
        with evaluation_mode(self.model):
            states = self.model.start(self.settings.batch_size)
            for characters, targets in self._windows(split):
                logits, *states = self.model(characters, *states)
                scores, right = logits.flatten(0, 1), targets.flatten()
                loss += float(F.cross_entropy(scores, right, reduction="sum").double())
                hits += int((scores.argmax(dim=1) == right).sum())
                count += len(right)
        return Guessed(loss / count, hits / count, count)

    def _windows(self, split: str) -> Iterator[_Rows]:
        """Yield the rows of a split, ``steps`` characters at a time."""
        characters, targets = self.rows[split]
        yield from zip(*(torch.split(part, self.steps, dim=1) for part in (characters, targets)), strict=True)


def build(settings: RunSettings, dataset: StoredDataset, model: nn.Module, *, steps: Count = 100) -> Characters:
    """Return the task of a run."""
    return Characters(settings, dataset, model, steps)
