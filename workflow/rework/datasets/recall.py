"""Sequences of symbols of which one is marked and to be named at the end: drawn from seeds that derive from names."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rework.datasets.layouts import SPLITS
from rework.datasets.options import check_names, positive_count
from rework.datasets.store import Arrays, RawSplits
from rework.errors import ConfigError
from rework.seeds import derive_seed
from rework.settings.data import DatasetSettings
from rework.settings.ranges import Count, Side, Symbols

OPTIONS = {"symbols": Symbols, "length": Side, "train": Count, "validation": Count, "test": Count}
_Numbers = NDArray[np.int64]
MOST_SYMBOLS = 128  # so that those with a mark still fit into a byte


def read(raw: Path, settings: DatasetSettings) -> RawSplits:
    """Draw the sequences; there are no raw files.

    The options ``train`` and ``validation`` say how many sequences these splits have; near marks are more frequent in
    them than far ones. In the test split, the mark is ``test`` times at each distance.

    Raises:
        ConfigError: an option is unknown, missing or has a wrong value.
    """
    del raw
    where = f"data set {settings.name}"
    check_names(settings.options, OPTIONS, where)
    counts = {name: positive_count(settings.options, name, where) for name in OPTIONS}
    symbols, length = counts["symbols"], counts["length"]
    if not 2 <= symbols <= MOST_SYMBOLS:
        raise ConfigError(f"{where}: option symbols is {symbols}, expected 2 to {MOST_SYMBOLS}")
    splits = {}
    for split in SPLITS:
        generator = np.random.default_rng(derive_seed(settings.global_seed, settings.name, split))
        if split == "test":
            distances = np.repeat(np.arange(1, length + 1), counts[split])
        else:
            distances = near_and_far(length, counts[split], generator)
        splits[split] = draw(symbols, length, distances, generator)
    return RawSplits(
        splits,
        tuple(map(str, range(symbols))),
        (
            f"Each sequence has {length} symbols out of {symbols}, drawn at random, and one of them is marked.",
            "In training and validation the logarithm of the mark's distance from the end is even, so that the network "
            "meets near and far marks; in the test each distance is as frequent as any other.",
        ),
    )


def near_and_far(length: int, count: int, generator: np.random.Generator) -> _Numbers:
    """Return distances from 1 to ``length``, int64 ``count``; d has the probability log(1 + 1/d) / log(length + 1)."""
    return np.floor((length + 1) ** generator.random(count)).astype(np.int64)


def draw(symbols: int, length: int, distances: _Numbers, generator: np.random.Generator) -> Arrays:
    """Return sequences, their marked symbols, and their distances, as the layout ``sequences`` has them.

    Args:
        symbols: how many there are.
        length: of a sequence.
        distances: of the mark in each sequence, 1 for its last symbol.
        generator: of the symbols.
    """
    sequences = generator.integers(symbols, size=(len(distances), length), dtype=np.uint8)
    rows, places = np.arange(len(distances)), length - distances
    targets = sequences[rows, places].astype(np.int64)
    sequences[rows, places] += np.uint8(symbols)
    return sequences, targets, distances
