"""What the training loop and the evaluation ask of a task.

A task is a module of this package with a function ``build`` and, at the top, literal constants that the catalogue reads
without importing the module (see ``rework.catalogue.declarations``): the metrics it measures and their units, the
columns of ``history.csv`` and ``probes.csv``, the losses and layouts it knows, and the keys of a run that it reads. A
new task is a new module; the loop, the history, the store, the plan and the rules do not know tasks by name.

What one batch hands on to the next, such as the hidden state of a language model (``characters``), is kept by
``carry``, is among the ``arguments`` of the next batch, and is put into the checkpoint by ``state``.

A future task of sequence labels will be like ``words``, with the lengths among the ``arguments``.
"""

import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rework.datasets.random_holdout import held_out_at_random
from rework.datasets.store import StoredDataset
from rework.errors import ConfigError
from rework.seeds import derive_seed
from rework.settings.run import RunSettings
from rework.training.batches import Batch
from rework.training.history import Values
from rework.training.record import EpochRecord, Outputs, Step, Tally


@dataclass(frozen=True)
class Evaluation:
    """The measurements of a trained model.

    Attributes:
        metrics: the value of each metric that the task declares, and the number of items behind it.
        arrays: the contents of ``predictions.npz``; texts are arrays of strings.
    """

    metrics: Mapping[str, tuple[float, int]]
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


class Task(ABC):
    """The task of one run, with its data set and its model, which is trained but never replaced.

    Args:
        settings: the run.
        dataset: its data set.
        model: fresh or trained, on the CPU; it is called with the ``arguments`` of a batch.

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
        """Refuse combinations that do not fit together; the model is in evaluation mode."""

    @abstractmethod
    def load(self, device: torch.device, channels_last: bool, purpose: Literal["training", "evaluation"]) -> None:
        """Load the data that a training or an evaluation reads onto the device, where the model already is.

        Raises:
            DataError: an array is not the one described in ``dataset.json``.
        """

    @property
    @abstractmethod
    def steps_per_epoch(self) -> int:
        """Number of updates in a whole epoch."""

    @abstractmethod
    def batches(self, epoch: int, first_step: int) -> Iterator[Batch]:
        """Yield the batches of an epoch (counted from 0), beginning at step ``first_step``.

        They depend only on the names of the run, the number of the epoch and ``state``, so that a resumed epoch
        continues as it would have.
        """

    @abstractmethod
    def loss(self, outputs: Outputs, batch: Batch) -> Tensor:
        """Return the mean loss of a batch, a scalar, from what the model returned, in float32."""

    @abstractmethod
    def tally(self, steps: Sequence[Step]) -> Tally:
        """Return the weights of some steps, and what else ``end_epoch`` needs from them.

        Called now and then for all steps since the last call, so that no step spends time on counting.
        """

    @abstractmethod
    def end_epoch(self, record: EpochRecord) -> Values:
        """Return a value for each column of ``history``, measured during the epoch or with the weights at its end."""

    @abstractmethod
    def epoch_text(self, values: Values) -> str:
        """Return the text of an epoch's log line."""

    @abstractmethod
    def evaluate(self) -> Evaluation:
        """Measure the model, in evaluation mode."""

    def recordable_batch(self) -> Batch | None:
        """Return a batch of the usual shape if its passes can be recorded, or None; its values do not matter."""
        return None

    def carry(self, outputs: Outputs) -> None:
        """Keep what the next batch needs from this one's outputs; called after each step."""
        del outputs

    def probe(self, steps: int, loss: float, record: EpochRecord) -> Values:
        """Return a value for each column of ``probes``.

        Called only in runs with the setting ``probe``, which a task without probes does not declare.

        Args:
            steps: number of steps since the beginning of the training.
            loss: the loss of the last step.
            record: the steps of the epoch, to this one.
        """
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return the task's state within an epoch for a checkpoint: tensors and plain values."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from a state that ``state`` returned."""
        del state


def load_task(settings: RunSettings, dataset: StoredDataset, model: nn.Module) -> Task:
    """Return the task of a run.

    Raises:
        ConfigError: the run trains without the loop, there is no such task, or it does not fit the data set and model.
    """
    if settings.task is None:
        raise ConfigError(f"{settings.id}: model {settings.model.name} has its own training; use the step fit")
    if settings.data.hold_out is not None:
        own = derive_seed(settings.global_seed, settings.id, settings.seed, "hold-out")
        dataset = held_out_at_random(dataset, settings.data.hold_out, own, settings.data.hold_out_seed)
    # Code fingerprints do not see this import, so callers that take one name settings.task.module as a root.
    try:
        module = importlib.import_module(settings.task.module)
    except ModuleNotFoundError as error:
        if error.name != settings.task.module:
            raise
        raise ConfigError(f"no task {settings.task.name!r}: expected a module {settings.task.module}") from None
    task: Task = module.build(settings, dataset, model, **settings.task.parameters)
    return task
