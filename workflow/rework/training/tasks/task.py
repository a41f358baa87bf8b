"""What the training loop and the evaluation ask of a task.

A task is a module of this package with a function ``build`` and, at its top, literal constants that the catalogue reads
without importing it (see ``rework.catalogue.declarations``): which metrics it measures and in which units, the columns
of ``history.csv`` and ``probes.csv``, the losses and layouts it knows, and the keys of a run that it reads. A new task
is a new module; neither loop, history, store, plan nor rules know its name.

How tasks to come fit in:

- Captions (teacher forcing): ``batches`` yields pictures and the words so far as ``arguments`` and the words to come
  as ``targets``, padded; the model returns scores and attention, ``loss`` masks the padding, ``tally`` weighs a step by
  its words. ``evaluate`` decodes, and keeps texts as arrays of strings and attention as an array.
- Language model: an item is a row of the text. ``carry`` keeps the hidden state that the model returns, the next batch
  takes it among its ``arguments``, ``state`` puts it into the checkpoint. Perplexity is a metric; so is its unit.
- Sequence labels, sentiment: as ``words``, with the lengths among the ``arguments``.
- Picture optimisation: the model's only parameter is the picture, a batch has neither arguments nor targets, and an
  epoch is as many steps as the task's own parameter says (``task: {name: pictures, steps: 50}``). Nothing is split into
  training and test; ``evaluate`` keeps the picture.
"""

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rework.datasets.store import StoredDataset
from rework.errors import ConfigError
from rework.settings.run import RunSettings
from rework.training.batches import Batch
from rework.training.history import Values
from rework.training.record import EpochRecord, Outputs, Step, Tally


@dataclass(frozen=True)
class Evaluation:
    """What is measured of a trained model.

    Attributes:
        metrics: the value of each metric that the task declares, and the number of items behind it.
        arrays: what ``predictions.npz`` keeps; texts are arrays of strings.
    """

    metrics: Mapping[str, tuple[float, int]]
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


class Task(ABC):
    """One task on one run's data set with its model, which is never replaced, only trained.

    Args:
        settings: the run.
        dataset: its data set.
        model: fresh or trained, on the CPU. It is called with the ``arguments`` of a batch.

    Raises:
        ConfigError: settings, data set and model do not fit together.
    """

    history: ClassVar[tuple[str, ...]]
    """Columns of ``history.csv`` that ``end_epoch`` fills."""
    probes: ClassVar[tuple[str, ...]] = ()
    """Columns of ``probes.csv`` that ``probe`` fills."""

    def __init__(self, settings: RunSettings, dataset: StoredDataset, model: nn.Module) -> None:
        self.settings = settings
        self.dataset = dataset
        self.model = model
        # An untrained model is tried without dropout, which would draw random numbers.
        with torch.inference_mode():
            model.eval()
            self.check()

    @abstractmethod
    def check(self) -> None:
        """Refuse what does not fit together; the model is in evaluation mode."""

    @abstractmethod
    def load(self, device: torch.device, channels_last: bool, purpose: Literal["training", "evaluation"]) -> None:
        """Bring the data that a training or an evaluation reads to the device; the model is there.

        Raises:
            DataError: an array is not the one that ``dataset.json`` describes.
        """

    @property
    @abstractmethod
    def steps_per_epoch(self) -> int:
        """Number of updates of a whole epoch."""

    @abstractmethod
    def batches(self, epoch: int, first_step: int) -> Iterator[Batch]:
        """Yield the batches of an epoch (from 0), from one of its steps on.

        They depend on the names of the run, on the number of the epoch and on ``state``, so that a resumed epoch goes
        on as it would have.
        """

    @abstractmethod
    def loss(self, outputs: Outputs, batch: Batch) -> Tensor:
        """Return the mean loss of a batch, a scalar, from what the model returned, in float32."""

    @abstractmethod
    def tally(self, steps: Sequence[Step]) -> Tally:
        """Return the weights of some steps, and what else ``end_epoch`` needs of them.

        Called now and then for all steps since the last call, so that counting costs no time in each.
        """

    @abstractmethod
    def end_epoch(self, record: EpochRecord) -> Values:
        """Return a value for each column of ``history``: what was met on the way, and what the weights reach now."""

    @abstractmethod
    def epoch_text(self, values: Values) -> str:
        """Return what the log says of an epoch's values."""

    @abstractmethod
    def evaluate(self) -> Evaluation:
        """Measure the model, in evaluation mode."""

    def recordable_batch(self) -> Batch | None:
        """Return a batch of the usual shape, if passes of such batches can be recorded; its numbers do not matter."""
        return None

    def carry(self, outputs: Outputs) -> None:
        """Keep what the next batch needs of this one's outputs; called after each step."""
        del outputs

    def probe(self, steps: int, loss: float) -> Values:
        """Return a value for each column of ``probes``, after so many steps of the training; ``loss`` is the last one.

        Called only in runs with the setting ``probe``, which a task without probes does not declare.
        """
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint must keep of the task within an epoch: tensors and plain values."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what ``state`` returned."""
        del state


def load_task(settings: RunSettings, dataset: StoredDataset, model: nn.Module) -> Task:
    """Return the task of a run.

    Raises:
        ConfigError: the run trains without the loop, there is no such task, or it does not fit data set and model.
    """
    if settings.task is None:
        raise ConfigError(f"{settings.id}: model {settings.model.name} trains by itself; use the step fit")
    # The module is not seen by code fingerprints, so whoever takes one names settings.task_module as a root.
    try:
        module = importlib.import_module(settings.task.module)
    except ModuleNotFoundError as error:
        if error.name != settings.task.module:
            raise
        raise ConfigError(f"no task {settings.task.name!r}: expected a module {settings.task.module}") from None
    task: Task = module.build(settings, dataset, model, **settings.task.parameters)
    return task
