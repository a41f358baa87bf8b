"""Intervals by resampling both what was measured on and the seeds, alone and for the difference of two runs."""

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95

Scores = NDArray[np.float64]
"""A score for each seed and picture, seeds x pictures."""


def mean_interval(scores: Scores, resamples: int, random: np.random.Generator) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean over seeds and pictures.

    Every resample draws pictures and, independently, seeds, each with replacement.
    """
    return _interval(_means(scores, _shares(scores.shape[1], resamples, random), random))


def difference_interval(
    left: Scores, right: Scores, resamples: int, random: np.random.Generator
) -> tuple[float, float]:
    """Return the 95 % percentile interval of the mean of ``left`` minus that of ``right``, on the same pictures.

    Every resample draws the same pictures for both, as their scores depend on how hard a picture is, and seeds of each.

    Raises:
        ValueError: they were not measured on as many pictures.
    """
    if left.shape[1] != right.shape[1]:
        raise ValueError(f"scores of {left.shape[1]} and of {right.shape[1]} pictures cannot be paired")
    pictures = _shares(left.shape[1], resamples, random)
    return _interval(_means(left, pictures, random) - _means(right, pictures, random))


def _means(scores: Scores, pictures: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Return the mean of each resample, for the share of each picture in it (resamples x pictures)."""
    seeds = _shares(scores.shape[0], len(pictures), random)
    means: NDArray[np.float64] = ((pictures @ scores.T) * seeds).sum(axis=1)
    return means


def _shares(count: int, resamples: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Return how often each of ``count`` items is drawn in each resample, as a share."""
    shares: NDArray[np.float64] = random.multinomial(count, np.full(count, 1 / count), resamples) / count
    return shares


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)
