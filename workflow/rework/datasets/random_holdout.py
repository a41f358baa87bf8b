"""A validation split that each training draws anew, instead of the one that its data set is stored with."""

from dataclasses import replace

import numpy as np

from rework.datasets.store import StoredDataset, StoredSplit
from rework.errors import ConfigError


def held_out_at_random(dataset: StoredDataset, share: float, seed: int) -> StoredDataset:
    """Return a data set whose training and validation examples are drawn at random from both stored splits together.

    The test split stays. The drawn examples keep their order, and so do the others. They are copies in memory, not
    views of the files. With a share of 0, all are for training and there is no validation split.

    Args:
        dataset: a stored data set whose arrays have a row for each example.
        share: of all training and validation examples, how many are for validation; from 0 and below 1.
        seed: of the draw.

    Raises:
        ConfigError: the share leaves no examples to train or to validate on.
    """
    train, validation = dataset.splits["train"].arrays, dataset.splits["validation"].arrays
    pooled = {name: np.concatenate([train[name], validation[name]]) for name in train}
    if share == 0:
        return replace(dataset, splits={"train": StoredSplit(pooled), "test": dataset.splits["test"]})
    total = len(next(iter(pooled.values())))
    count = round(share * total)
    if not 0 < count < total:
        raise ConfigError(
            f"data.hold_out: {share:g} of the {total} examples of data set {dataset.name} are {count}; expected some, "
            "but not all"
        )
    chosen = np.zeros(total, dtype=bool)
    chosen[np.random.default_rng(seed).permutation(total)[:count]] = True
    parts = {"train": ~chosen, "validation": chosen}
    drawn = {split: StoredSplit({name: array[rows] for name, array in pooled.items()}) for split, rows in parts.items()}
    return replace(dataset, splits={**dataset.splits, **drawn})
