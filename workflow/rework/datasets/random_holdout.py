"""A validation split that is drawn at random, instead of the one that its data set is stored with."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rework.datasets.store import StoredDataset, StoredSplit
from rework.errors import ConfigError


def held_out_at_random(
    dataset: StoredDataset, held_out: float, seed: int, split_seed: int | None = None
) -> StoredDataset:
    """Return a data set whose training and validation examples are drawn at random from both stored splits together.

    The test split stays. The drawn examples keep their order, and so do the others. They are copies in memory, not
    views of the files. With a share of 0, all are for training and there is no validation split.

    Args:
        dataset: a stored data set whose arrays have a row for each example.
        held_out: how many of all training and validation examples are for validation: a share of them if below 1,
            their number otherwise.
        seed: of the draw, for one of its own.
        split_seed: in place of ``seed``, the ``random_state`` with which scikit-learn's ``train_test_split`` draws the
            same examples from the same files; None if nobody else drew.

    Raises:
        ConfigError: the number leaves no examples to train or to validate on.
    """
    train, validation = dataset.splits["train"].arrays, dataset.splits["validation"].arrays
    pooled = {name: np.concatenate([train[name], validation[name]]) for name in train}
    if held_out == 0:
        return replace(dataset, splits={"train": StoredSplit(pooled), "test": dataset.splits["test"]})
    total = len(next(iter(pooled.values())))
    count = int(held_out) if held_out >= 1 else round(held_out * total)
    if not 0 < count < total:
        raise ConfigError(
            f"data.hold_out: {held_out:g} of the {total} examples of data set {dataset.name} are {count}; expected "
            "some, but not all"
        )
    chosen = np.zeros(total, dtype=bool)
    chosen[_order(total, seed, split_seed)[:count]] = True
    parts = {"train": ~chosen, "validation": chosen}
    drawn = {split: StoredSplit({name: array[rows] for name, array in pooled.items()}) for split, rows in parts.items()}
    return replace(dataset, splits={**dataset.splits, **drawn})


def _order(total: int, seed: int, split_seed: int | None) -> NDArray[np.int64]:
    """Return the numbers from 0 to ``total`` in the order in which they are drawn."""
    if split_seed is None:
        return np.random.default_rng(seed).permutation(total)
    return np.random.RandomState(split_seed).permutation(total)  # scikit-learn still draws with NumPy's older generator
