"""The from-scratch classifier of nist36, Q2 and Q3: affine layers, softmax, cross-entropy and mini-batch SGD."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax
from threadpoolctl import threadpool_limits

from rework.datasets.layouts import SPLITS
from rework.datasets.store import StoredDataset
from rework.engines import plain_sgd
from rework.engines.fitted import Fitted, Report
from rework.evaluation.labelling import (
    LABEL_HEADLINE,
    LABEL_HISTORY,
    LABEL_METRICS,
    LabelledSplit,
    label_metrics,
)
from rework.evaluation.metrics import accuracy, mean_negative_log_likelihood
from rework.numpy_network.losses import cross_entropy
from rework.numpy_network.network import Layer, Network
from rework.numpy_network.training import MomentumSGD, minibatches, writeup_batches
from rework.seeds import derive_seed
from rework.settings.ranges import Units
from rework.settings.run import RunSettings
from rework.training.history import Values

LAYOUTS: tuple[str, ...] = ("examples",)
NEEDS: tuple[str, ...] = ("optimiser", "loss", "batch_size", "epochs")
OPTIONS: tuple[str, ...] = ()
LOSSES: tuple[str, ...] = ("cross-entropy",)
METRICS: Mapping[str, tuple[str, str]] = LABEL_METRICS
LAYOUT_METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {}
HISTORY: tuple[str, ...] = LABEL_HISTORY
PROBES: tuple[str, ...] = ()
ITEM: str = "example"
HEADLINE: str = LABEL_HEADLINE

_Floats = NDArray[np.float64]


def fit(
    settings: RunSettings,
    dataset: StoredDataset,
    report: Report,
    *,
    hidden: tuple[Units, ...] = (64,),
    activation: Literal["sigmoid", "tanh", "relu"] = "sigmoid",
    batches: Literal["shuffled", "drawn-once"] = "shuffled",
) -> Fitted:
    """Train on the training split and measure on all three.

    Args:
        settings: the run. Losses are summed over a batch, as in the writeup, so that its learning rates apply.
        dataset: pictures of any size.
        report: called after each epoch.
        hidden: units of the hidden layers.
        activation: of the hidden layers.
        batches: ``drawn-once`` draws the batches before the first epoch, with replacement, and uses them in all epochs,
            as the writeup's code does, so that some examples are never seen. ``shuffled`` visits each once an epoch.

    Raises:
        ConfigError: the settings ask for something that the network does not support.
    """
    plain_sgd.check_settings(settings, "cross-entropy")
    inputs = plain_sgd.flat_inputs(dataset)
    targets = {name: np.asarray(dataset.splits[name].targets) for name in SPLITS}
    generator = np.random.default_rng(derive_seed(settings.global_seed, settings.id, settings.seed, "weights"))
    sizes = (inputs["train"].shape[1], *hidden, len(dataset.classes))
    with threadpool_limits(settings.threads):
        network = Network.xavier(sizes, [activation] * len(hidden) + ["linear"], generator)
        before = plain_sgd.prefixed_copy(network.parameters())
        history, steps = _train(settings, network, inputs, targets, batches, report)
        log_probabilities = {name: _log_probabilities(network, inputs[name]) for name in SPLITS}
    return Fitted(
        weights={**before, **network.parameters()},
        history=history,
        steps=steps,
        parameters=sum(values.size for values in network.parameters().values()),
        metrics=label_metrics({name: _labelled(found, targets[name]) for name, found in log_probabilities.items()}),
        predictions={
            "probabilities": np.exp(log_probabilities["test"]).astype(np.float32),
            "predictions": log_probabilities["test"].argmax(axis=1),
            "targets": targets["test"],
        },
    )


def log_probabilities(weights: Mapping[str, NDArray[Any]], activation: str, inputs: _Floats) -> _Floats:
    """Return the log-probabilities that a trained classifier gives some examples, shape (N, classes).

    Args:
        weights: the arrays of a run's ``weights.safetensors``.
        activation: of its hidden layers.
        inputs: rows of numbers from 0 to 1, shape (N, values).
    """
    count = sum(name.startswith("layer") and name.endswith(".weight") for name in weights)
    layers = tuple(
        Layer(
            weights[f"layer{number}.weight"],
            weights[f"layer{number}.bias"],
            "linear" if number == count else activation,
        )
        for number in range(1, count + 1)
    )
    return _log_probabilities(Network(layers), inputs)


def _train(
    settings: RunSettings,
    network: Network,
    inputs: Mapping[str, _Floats],
    targets: Mapping[str, NDArray[np.int64]],
    batches: str,
    report: Report,
) -> tuple[list[Values], int]:
    count, size = len(targets["train"]), settings.batch_size
    generator = np.random.default_rng(derive_seed(settings.global_seed, settings.id, settings.seed, "order"))
    fixed = list(writeup_batches(count, size, generator)) if batches == "drawn-once" else None
    optimiser = MomentumSGD(network.parameters(), settings.optimiser.learning_rate, plain_sgd.momentum(settings))
    history: list[Values] = []
    steps = 0
    for epoch in range(1, settings.epochs + 1):
        chosen = fixed or list(minibatches(count, size, generator))
        loss, hits = _epoch(network, optimiser, inputs["train"], targets["train"], chosen)
        steps += len(chosen)
        seen = sum(map(len, chosen))
        validation = _log_probabilities(network, inputs["validation"])
        right = accuracy(validation.argmax(axis=1), targets["validation"])
        measured = {
            "train_loss": loss / seen,
            "train_accuracy": hits / seen,
            "validation_loss": mean_negative_log_likelihood(validation, targets["validation"]),
            "validation_accuracy": right,
            "test_accuracy": None,
        }
        history.append(plain_sgd.history_row(epoch, steps, measured, settings.optimiser.learning_rate))
        report(epoch, f"loss {loss / seen:.4f}, validation accuracy {right:.2%}")
    return history, steps


def _epoch(
    network: Network,
    optimiser: MomentumSGD,
    inputs: _Floats,
    targets: NDArray[np.int64],
    batches: Sequence[NDArray[np.int64]],
) -> tuple[float, int]:
    """Make one update per batch; return the sum of the losses and the number of correct answers along the way."""
    loss, hits = 0.0, 0
    for rows in batches:
        activations = network.forward(inputs[rows])
        batch_loss, delta = cross_entropy(activations[-1], targets[rows])
        loss += batch_loss
        hits += int((activations[-1].argmax(axis=1) == targets[rows]).sum())
        optimiser.step(network.backward(activations, delta))
    return loss, hits


def _log_probabilities(network: Network, inputs: _Floats) -> _Floats:
    result: _Floats = log_softmax(network.scores(inputs), axis=1)
    return result


def _labelled(log_probabilities: _Floats, targets: NDArray[np.int64]) -> LabelledSplit:
    loss = mean_negative_log_likelihood(log_probabilities, targets)
    return LabelledSplit(log_probabilities.argmax(axis=1), targets, loss)
