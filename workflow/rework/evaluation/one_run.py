"""What one run of each network, as the writeups have it, can say about which is best.

Each network was trained with several seeds here. One run of each is drawn, every combination as likely as any other,
and compared as a writeup compares its own: how often does its ranking come back, and its winner? And what is the
network worth that is picked by the test set, as the writeups do, or by the validation set?
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial, prod

import numpy as np
from numpy.typing import NDArray

from rework.seeds import derive_seed

Numbers = NDArray[np.float64]
MOST = 200_000
"""Combinations that are counted one by one; of more, as many are drawn."""


@dataclass(frozen=True)
class Contestant:
    """A network: its published value, and its test and validation metrics by seed, without the latter if unknown.

    Higher values are better.
    """

    label: str
    published: float
    test: tuple[float, ...]
    validation: tuple[float, ...] = ()


@dataclass(frozen=True)
class Selection:
    """The network that is picked from one run of each, in the mean over combinations.

    Attributes:
        shown: the test metric of the run that was picked, which a writeup would print.
        worth: the mean test metric of that network over all seeds.
        best: how often it is the network that is best by that mean.
    """

    shown: float
    worth: float
    best: float


@dataclass(frozen=True)
class OneRun:
    """What one run of each network says.

    Attributes:
        seeds: how many seeds each network has.
        combinations: how many combinations there are.
        counted: how many of them were looked at, which is all or as many as are drawn.
        ranking: the share of combinations with the published order of all networks.
        winner: that with the published winner; equal winners share it.
        ranking_by_chance: the share of the order if all networks were alike.
        published_winner: the label of the published winner.
        best: the label of the network that is best over all seeds.
        by_test: picked by the test metric.
        by_validation: picked by the validation metric, if it is known for every seed.
    """

    seeds: tuple[int, ...]
    combinations: int
    counted: int
    ranking: float
    winner: float
    ranking_by_chance: float
    published_winner: str
    best: str
    by_test: Selection
    by_validation: Selection | None

    @property
    def certain(self) -> bool:
        """Whether every combination leads to the best network, by whichever metric it is picked."""
        picked = [self.by_test] if self.by_validation is None else [self.by_test, self.by_validation]
        return all(selection.best == 1 for selection in picked)


def one_run_each(contestants: Sequence[Contestant]) -> OneRun:
    """Return what one run of each network says about them.

    Args:
        contestants: at least two networks, each with at least two seeds and another published value.

    Raises:
        ValueError: there are fewer of them, or of their seeds, or published values are equal.
    """
    published = [contestant.published for contestant in contestants]
    seeds = tuple(len(contestant.test) for contestant in contestants)
    if len(contestants) < 2 or min(seeds) < 2 or len(set(published)) < len(published):
        raise ValueError("one run of each says something of two networks with two seeds and different values")
    drawn = _combinations(seeds)
    test = _values([contestant.test for contestant in contestants], drawn)
    means = np.array([np.mean(contestant.test) for contestant in contestants])
    order = np.argsort(published)
    ranked = np.all(np.diff(test[:, order], axis=1) > 0, axis=1)
    complete = all(len(contestant.validation) == count for contestant, count in zip(contestants, seeds, strict=True))
    validation = _values([contestant.validation for contestant in contestants], drawn) if complete else None
    return OneRun(
        seeds=seeds,
        combinations=prod(seeds),
        counted=len(drawn),
        ranking=float(ranked.mean()),
        winner=float(_picked(test)[:, int(order[-1])].mean()),
        ranking_by_chance=1 / factorial(len(contestants)),
        published_winner=contestants[int(order[-1])].label,
        best=contestants[int(means.argmax())].label,
        by_test=_selection(test, test, means),
        by_validation=None if validation is None else _selection(validation, test, means),
    )


def _combinations(seeds: Sequence[int]) -> NDArray[np.int64]:
    """Return the place of each network's seed, in an array of combinations x networks."""
    if prod(seeds) <= MOST:
        return np.array(list(itertools.product(*map(range, seeds))), dtype=np.int64)
    generator = np.random.default_rng(derive_seed(0, "one run of each", *seeds))
    return generator.integers(0, seeds, size=(MOST, len(seeds)))


def _values(by_seed: Sequence[Sequence[float]], drawn: NDArray[np.int64]) -> Numbers:
    """Return the metric of each drawn run, combinations x networks."""
    return np.stack([np.asarray(values)[drawn[:, place]] for place, values in enumerate(by_seed)], axis=1)


def _picked(metric: Numbers) -> Numbers:
    """Return the share of the pick that each network gets in each combination; equal ones share it."""
    best = metric == metric.max(axis=1, keepdims=True)
    shares: Numbers = best / best.sum(axis=1, keepdims=True)
    return shares


def _selection(by: Numbers, test: Numbers, means: Numbers) -> Selection:
    picked = _picked(by)
    best = means == means.max()
    return Selection(
        shown=float((picked * test).sum(axis=1).mean()),
        worth=float((picked * means).sum(axis=1).mean()),
        best=float(picked[:, best].sum(axis=1).mean()),
    )
