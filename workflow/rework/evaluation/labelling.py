"""What is measured of models that give each example one of several labels, whichever way they were trained.

The constants are the part of a declaration that such tasks and engines share (see ``rework.catalogue.declarations``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.evaluation.metrics import accuracy, word_accuracy

# Training loss and accuracy are means over the epoch's examples as they were met, with dropout and while the weights
# changed; a model with a CRF counts there the labels of its emissions, undecoded. The others belong to the weights at
# the end of the epoch. The test accuracy is measured only in runs with probes.
LABEL_HISTORY: tuple[str, ...] = (
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "test_accuracy",
)
LABEL_METRICS: Mapping[str, tuple[str, str]] = {
    "train_accuracy": ("share", "higher"),
    "train_loss": ("nats", "lower"),
    "validation_accuracy": ("share", "higher"),
    "validation_loss": ("nats", "lower"),
    "test_accuracy": ("share", "higher"),
    "test_loss": ("nats", "lower"),
    "generalisation_gap": ("difference", "lower"),
}
WORD_METRICS: Mapping[str, tuple[str, str]] = {
    "train_word_accuracy": ("share", "higher"),
    "validation_word_accuracy": ("share", "higher"),
    "test_word_accuracy": ("share", "higher"),
}
LABEL_HEADLINE: str = "test_accuracy"


@dataclass(frozen=True)
class LabelledSplit:
    """The labels given to a split of N examples, and the right ones.

    Attributes:
        labels: shape (N,).
        targets: shape (N,).
        loss: mean of an example in nats.
        offsets: bounds of the words that the examples form, shape (words + 1,), or None.
    """

    labels: NDArray[np.int64]
    targets: NDArray[np.int64]
    loss: float
    offsets: NDArray[Any] | None = None


def label_metrics(splits: Mapping[str, LabelledSplit]) -> dict[str, tuple[float, int]]:
    """Return each of ``LABEL_METRICS``, and for words of ``WORD_METRICS``, with the number of examples behind it.

    Args:
        splits: train, validation and test.
    """
    metrics: dict[str, tuple[float, int]] = {}
    for name, split in splits.items():
        metrics[f"{name}_accuracy"] = (accuracy(split.labels, split.targets), len(split.targets))
        metrics[f"{name}_loss"] = (split.loss, len(split.targets))
        if split.offsets is not None:
            words = word_accuracy(split.labels, split.targets, split.offsets)
            metrics[f"{name}_word_accuracy"] = (words, len(split.offsets) - 1)
    test, size = metrics["test_accuracy"]
    return {**metrics, "generalisation_gap": (metrics["train_accuracy"][0] - test, size)}
