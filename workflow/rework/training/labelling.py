"""What ``classification`` and ``words`` share: a model assigns each picture of a data set to one of its classes."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from rework.datasets.layouts import SPLITS
from rework.errors import ConfigError
from rework.evaluation.labelling import LABEL_HISTORY, LabelledSplit, label_metrics
from rework.evaluation.metrics import accuracy
from rework.models.building import example_arguments, input_shape
from rework.training.batches import Split, load_split
from rework.training.history import Values
from rework.training.prediction import Predictions
from rework.training.record import EpochRecord, Step, Tally
from rework.training.small_weights import small_weights
from rework.training.tasks.task import Evaluation, Task

SMALL_WEIGHTS: Mapping[str, tuple[str, str]] = {"small_weights_share": ("share", "neither")}


class Labelling(Task):
    """A task on pictures stored as bytes, with classes."""

    history = LABEL_HISTORY

    def check(self) -> None:
        """Check the shapes of the inputs and, on an example of zeros, of the outputs."""
        dataset, name = self.dataset, self.settings.model.name
        arrays = dataset.splits["train"]
        if arrays.inputs.dtype != np.uint8 or arrays.inputs.ndim != 4 or not dataset.classes:
            raise ConfigError(f"{self.settings.id}: data set {dataset.name} holds no pictures in bytes with classes")
        shape = input_shape(self.model)
        if arrays.inputs.shape[1:] != shape:
            raise ConfigError(
                f"{self.settings.id}: model {name} takes inputs of shape {shape}, "
                f"but data set {dataset.name} has {arrays.inputs.shape[1:]}"
            )
        outputs = self.model(*example_arguments(self.model))
        if outputs.shape != (1, len(dataset.classes)):
            raise ConfigError(
                f"{self.settings.id}: model {name} returns {tuple(outputs.shape[1:])} values, "
                f"but data set {dataset.name} has {len(dataset.classes)} classes"
            )

    def load(self, device: torch.device, channels_last: bool, purpose: Literal["training", "evaluation"]) -> None:
        """Load the splits; a training reads the test split only for probes."""
        probed = self.settings.probe is not None
        names = SPLITS if purpose == "evaluation" or probed else ("train", "validation")
        self.splits: dict[str, Split] = {
            name: load_split(self.dataset, self.settings.data, device, channels_last, name)
            for name in names
            if name in self.dataset.splits
        }

    @abstractmethod
    def predict(self, split: str) -> Predictions:
        """Return the model's predictions for a loaded split."""

    def activations(self) -> dict[str, NDArray[np.float32]]:
        """Return the activations that the run captures, by layer."""
        return {}

    def tally(self, steps: Sequence[Step]) -> Tally:
        """Count examples and correct answers."""
        weights = torch.tensor([len(step.targets) for step in steps])
        outputs, targets = (torch.cat(parts) for parts in zip(*((s.outputs[0], s.targets) for s in steps), strict=True))
        hits = (outputs.argmax(dim=1) == targets).cpu().cumsum(0)[weights.cumsum(0) - 1]
        return Tally(weights, torch.diff(hits, prepend=torch.zeros(1, dtype=torch.int64)).double().unsqueeze(1))

    def end_epoch(self, record: EpochRecord) -> Values:
        """Measure the validation split, unless there is none, and, in runs with probes, the test split."""
        (train_accuracy,) = record.means()
        validation_loss, validation_accuracy = self._measured("validation")
        return {
            "train_loss": record.mean_loss(),
            "train_accuracy": train_accuracy,
            "validation_loss": validation_loss,
            "validation_accuracy": validation_accuracy,
            "test_accuracy": self._measured("test")[1],
        }

    def _measured(self, split: str) -> tuple[float, float] | tuple[None, None]:
        """Return the loss and the accuracy on a split if it is loaded."""
        if split not in self.splits:
            return None, None
        found = self.predict(split)
        return found.loss, accuracy(found.labels, self._targets(split))

    def epoch_text(self, values: Values) -> str:
        """Return the losses and accuracies."""
        text = f"loss {values['train_loss']:.4f}  accuracy {values['train_accuracy']:.2%}"
        if values["validation_loss"] is None:
            return text
        return f"{text}  validation loss {values['validation_loss']:.4f}  accuracy {values['validation_accuracy']:.2%}"

    def evaluate(self) -> Evaluation:
        """Measure all loaded splits and keep the predictions for the test split."""
        found = {name: self.predict(name) for name in self.splits}
        labelled = {
            name: LabelledSplit(
                predicted.labels, self._targets(name), predicted.loss, self.dataset.splits[name].offsets
            )
            for name, predicted in found.items()
        }
        small, count = small_weights(self.model)
        return Evaluation(
            metrics={**label_metrics(labelled), "small_weights_share": (small / count, count)},
            arrays={
                "probabilities": np.exp(found["test"].log_probabilities),
                "predictions": found["test"].labels,
                "targets": self._targets("test"),
                "captured_images": np.array(self.settings.capture.images, dtype=np.int64),
                **{f"activation/{layer}": array for layer, array in self.activations().items()},
            },
        )

    def _targets(self, split: str) -> NDArray[Any]:
        return np.asarray(self.dataset.splits[split].targets)
