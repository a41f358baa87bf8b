"""A trained network to look into, however it was trained, and the pictures that it was made for."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rework.datasets.store import StoredDataset
from rework.errors import ConfigError, DataError
from rework.models.building import build_model, input_shape
from rework.models.words import WordModel
from rework.settings.run import RunSettings
from rework.training.batches import Split, load_split
from rework.training.prediction import BATCH_SIZE

# The networks that are written in numpy, with the activation functions of their hidden and their last layer; None
# stands for the run's parameter ``activation``.
_NUMPY_NETWORKS: Mapping[str, tuple[str | None, str]] = {
    "numpy-classifier": (None, "linear"),
    "numpy-autoencoder": ("relu", "sigmoid"),
}
_ACTIVATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU, "linear": nn.Identity}


@dataclass(frozen=True)
class Subject:
    """A trained network on the CPU, in evaluation mode and without gradients of its weights.

    Attributes:
        name: the run.
        model: the network; it is called through ``outputs``.
        test: the test split, whose ``take`` scales pictures as in the training.
        classes: what the outputs stand for; empty if the network does not classify.
    """

    name: str
    model: nn.Module
    test: Split
    classes: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one picture, C x H x W."""
        return tuple(self.test.inputs.shape[1:])

    def scaled(self, pictures: NDArray[np.uint8]) -> Tensor:
        """Return pictures (bytes, N x C x H x W) as the network reads them, float32."""
        given = Split(torch.from_numpy(pictures), torch.zeros(len(pictures)), self.test.mean, self.test.std, False)
        return given.take(slice(None))[0]

    def outputs(self, inputs: Tensor) -> Tensor:
        """Return what the network makes of scaled pictures: log-probabilities, N x classes, if it classifies.

        A network that reads words gets each picture as a word of its own.
        """
        if isinstance(self.model, WordModel):
            lengths = torch.ones(len(inputs), dtype=torch.int64)
            return self.model.log_probabilities(self.model(inputs, lengths), lengths)
        found: Tensor = self.model(inputs)
        return found.log_softmax(dim=1) if self.classes else found

    def probabilities(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the probability of each class for pictures (bytes), shape (N, classes).

        Raises:
            ConfigError: the network does not classify.
        """
        self.check_classifies()
        return self._probabilities(self.scaled(pictures[start : start + BATCH_SIZE]) for start in _starts(pictures))

    def test_probabilities(self) -> NDArray[np.float32]:
        """Return the probability of each class for each test picture, shape (N, classes).

        Raises:
            ConfigError: the network does not classify.
        """
        self.check_classifies()
        return self._probabilities(self.batches(len(self.test)))

    def batches(self, count: int) -> Iterator[Tensor]:
        """Yield the first ``count`` test pictures, scaled, some at a time."""
        for start in range(0, count, BATCH_SIZE):
            yield self.test.take(slice(start, min(start + BATCH_SIZE, count)))[0]

    def check_classifies(self) -> None:
        """Raise a ``ConfigError`` if the outputs stand for no classes."""
        if not self.classes:
            raise ConfigError(f"{self.name}: its network returns pictures, so no class has a probability")

    def _probabilities(self, batches: Iterator[Tensor]) -> NDArray[np.float32]:
        with torch.inference_mode():
            found: NDArray[np.float32] = torch.cat([self.outputs(inputs) for inputs in batches]).exp().numpy()
        return found


def subject_of(settings: RunSettings, tensors: Mapping[str, NDArray[Any]], dataset: StoredDataset) -> Subject:
    """Return a run's network with some weights, and the test pictures of its data set.

    Args:
        settings: the run.
        tensors: weights by the names of the run's own: its trained ones, or others of the same shapes.
        dataset: that of the run.

    Raises:
        ConfigError: the run has no network, or one that does not read pictures.
        DataError: the weights are not those of its network.
    """
    if dataset.splits["test"].inputs.dtype != np.uint8:
        raise ConfigError(f"{settings.id}: its inputs are no pictures, which is all that can be looked at")
    model = _numpy_network(settings, tensors) if settings.task is None else build_model(settings.model)
    try:
        model.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in _named(settings, tensors)})
    except RuntimeError as error:
        raise DataError(f"{settings.id}: the weights are not those of its network ({error})") from None
    model.requires_grad_(False)
    classes = () if settings.model.name == "numpy-autoencoder" else dataset.classes
    test = load_split(dataset, settings.data, torch.device("cpu"), channels_last=False, name="test")
    if settings.task is not None and tuple(test.inputs.shape[1:]) != input_shape(model):
        raise ConfigError(f"{settings.id}: its network reads {input_shape(model)}, not {tuple(test.inputs.shape[1:])}")
    return Subject(settings.id, model.eval(), test, classes)


def _starts(pictures: NDArray[np.uint8]) -> range:
    return range(0, len(pictures), BATCH_SIZE)


def _named(settings: RunSettings, tensors: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the tensors by their names in torch; the networks in numpy have theirs transposed and keep initial ones."""
    for name, array in tensors.items():
        if settings.task is not None:
            yield name, array
        elif not name.startswith("initial."):
            yield name, array.T.astype(np.float32)


def _numpy_network(settings: RunSettings, tensors: Mapping[str, NDArray[Any]]) -> nn.Module:
    """Return a network that was written in numpy as one of torch, with weights to be loaded."""
    if settings.model.name not in _NUMPY_NETWORKS:
        raise ConfigError(
            f"{settings.id}: model {settings.model.name!r} is no network, so there is nothing to look into"
        )
    hidden, last = _NUMPY_NETWORKS[settings.model.name]
    hidden = hidden or settings.model.parameters.get("activation", "sigmoid")
    names = [name for name in tensors if name.startswith("layer") and name.endswith(".weight")]
    names.sort(key=lambda name: int(name.removeprefix("layer").removesuffix(".weight")))
    layers: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
    for name in names:
        layer = name.removesuffix(".weight")
        layers[layer] = nn.Linear(*tensors[name].shape)
        layers[f"{layer}_activation"] = _ACTIVATIONS[last if name == names[-1] else hidden]()
    return nn.Sequential(layers)
