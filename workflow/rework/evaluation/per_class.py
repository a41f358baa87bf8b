"""Measures of a classifier beyond its accuracy: whether the right class is among the first k, precision and recall."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def top_k_accuracy(scores: NDArray[np.floating[Any]], targets: NDArray[np.int64], k: int) -> float:
    """Return the share of examples whose right class is among the k with the highest scores, in 0..1.

    Classes with the same score as the right one count as before it, so that equal scores never help.

    Args:
        scores: of each class, shape (N, classes); probabilities or their logarithms.
        targets: class numbers, shape (N,).
        k: how many classes count.
    """
    chosen = np.take_along_axis(scores, targets[:, None], axis=1)
    before = (scores >= chosen).sum(axis=1) - 1
    return float((before < k).mean())


def precision_and_recall(
    labels: NDArray[np.int64], targets: NDArray[np.int64], classes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the precision and the recall of each class, each of shape (classes,), in 0..1.

    Precision is the share of right ones among the examples with the label, recall the share of those with the label
    among the examples of the class. Where there are none to share, it is NaN.

    Args:
        labels: the labels given, shape (N,).
        targets: the right ones, shape (N,).
        classes: number of classes.
    """
    right = np.bincount(targets[labels == targets], minlength=classes)
    with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN that is meant
        return right / np.bincount(labels, minlength=classes), right / np.bincount(targets, minlength=classes)
