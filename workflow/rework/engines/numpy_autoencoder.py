"""The from-scratch autoencoder of nist36, Q5: four affine layers that squeeze a picture through a few values."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio
from threadpoolctl import threadpool_limits

from rework.datasets.store import StoredDataset
from rework.engines import plain_sgd
from rework.engines.fitted import Fitted, Report
from rework.numpy_network.losses import squared_error
from rework.numpy_network.network import Network
from rework.numpy_network.training import MomentumSGD, minibatches, writeup_batches
from rework.seeds import derive_seed
from rework.settings.ranges import Count, Share, Units
from rework.settings.run import RunSettings
from rework.training.history import Values

LAYOUTS: tuple[str, ...] = ("examples",)
NEEDS: tuple[str, ...] = ("optimiser", "loss", "batch_size", "epochs")
OPTIONS: tuple[str, ...] = ()
LOSSES: tuple[str, ...] = ("squared-error",)
METRICS: Mapping[str, tuple[str, str]] = {
    "train_loss": ("", "lower"),
    "validation_loss": ("", "lower"),
    "test_loss": ("", "lower"),
    "psnr": ("dB", "higher"),
}
LAYOUT_METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {}
HISTORY: tuple[str, ...] = ("train_loss", "validation_loss")
PROBES: tuple[str, ...] = ()
ITEM: str = "picture"
HEADLINE: str = "psnr"

SHOWN = 2  # pictures of each class whose reconstructions are kept

_Floats = NDArray[np.float64]


def fit(
    settings: RunSettings,
    dataset: StoredDataset,
    report: Report,
    *,
    hidden: Units = 32,
    batches: Literal["shuffled", "drawn-once"] = "shuffled",
    decay: Share = 1.0,
    decay_epochs: Count = 20,
) -> Fitted:
    """Train on the training split, and measure how well the validation pictures are reconstructed.

    Three ReLU layers of ``hidden`` units are followed by a sigmoid layer with one unit per pixel. The loss is the
    squared error summed over pixels and batch, as in the writeup. ``psnr`` is the mean over the validation pictures.

    Args:
        settings: the run.
        dataset: pictures of any size.
        report: called after each epoch.
        hidden: units of each of the three layers.
        batches: as for ``numpy-classifier``. An epoch's ``train_loss`` is the mean over the pictures of its batches.
        decay: factor of the learning rate after every ``decay_epochs`` epochs.
        decay_epochs: see there.

    Raises:
        ConfigError: the settings ask for something that the network does not support.
    """
    plain_sgd.check_settings(settings, "squared-error")
    inputs = plain_sgd.flat_inputs(dataset)
    values = inputs["train"].shape[1]
    generator = np.random.default_rng(derive_seed(settings.global_seed, settings.id, settings.seed, "weights"))
    with threadpool_limits(settings.threads):
        network = Network.xavier((values, hidden, hidden, hidden, values), ["relu"] * 3 + ["sigmoid"], generator)
        before = plain_sgd.prefixed_copy(network.parameters())
        rates = [
            settings.optimiser.learning_rate * decay ** (epoch // decay_epochs) for epoch in range(settings.epochs)
        ]
        history, steps = _train(settings, network, inputs["train"], inputs["validation"], batches, rates, report)
        reconstructed = network.scores(inputs["validation"])
        losses = {f"{name}_loss": (_mean_loss(network, split), len(split)) for name, split in inputs.items()}
    shown = _first_of_each_class(np.asarray(dataset.splits["validation"].targets), len(dataset.classes))
    return Fitted(
        weights={**before, **network.parameters()},
        history=history,
        steps=steps,
        parameters=sum(array.size for array in network.parameters().values()),
        metrics={**losses, "psnr": (mean_psnr(inputs["validation"], reconstructed), len(reconstructed))},
        predictions={"examples": shown, "reconstructions": reconstructed[shown].astype(np.float32)},
    )


def mean_psnr(pictures: _Floats, reconstructed: _Floats) -> float:
    """Return the mean over pictures (N, values), in 0..1, of the peak signal-to-noise ratio in dB."""
    ratios = [
        peak_signal_noise_ratio(picture, other, data_range=1.0)
        for picture, other in zip(pictures, reconstructed, strict=True)
    ]
    return float(np.mean(ratios))


def _train(
    settings: RunSettings,
    network: Network,
    train: _Floats,
    validation: _Floats,
    batches: str,
    rates: Sequence[float],
    report: Report,
) -> tuple[list[Values], int]:
    count, size = len(train), settings.batch_size
    generator = np.random.default_rng(derive_seed(settings.global_seed, settings.id, settings.seed, "order"))
    fixed = list(writeup_batches(count, size, generator)) if batches == "drawn-once" else None
    optimiser = MomentumSGD(network.parameters(), settings.optimiser.learning_rate, plain_sgd.momentum(settings))
    history: list[Values] = []
    steps = 0
    for epoch, optimiser.learning_rate in enumerate(rates, start=1):
        total, seen = 0.0, 0
        for rows in fixed or minibatches(count, size, generator):
            activations = network.forward(train[rows])
            loss, delta = squared_error(activations[-1], train[rows])
            total, seen = total + loss, seen + len(rows)
            optimiser.step(network.backward(activations, delta))
            steps += 1
        losses = {"train_loss": total / seen, "validation_loss": _mean_loss(network, validation)}
        history.append(plain_sgd.history_row(epoch, steps, losses, optimiser.learning_rate))
        report(
            epoch, f"squared error of a picture {losses['train_loss']:.2f}, validation {losses['validation_loss']:.2f}"
        )
    return history, steps


def _mean_loss(network: Network, inputs: _Floats) -> float:
    total, _ = squared_error(network.scores(inputs), inputs)
    return total / len(inputs)


def _first_of_each_class(targets: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    found = [np.flatnonzero(targets == number)[:SHOWN] for number in range(classes)]
    return np.concatenate(found)
