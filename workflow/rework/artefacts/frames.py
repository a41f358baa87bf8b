"""Data frames from which the CSV files of several artefacts are written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def elements(array: NDArray[Any], value: str, axes: Mapping[str, Iterable[Any] | None]) -> pd.DataFrame:
    """Return a row for each element of an array: its position along each axis, and its value.

    Args:
        array: the values.
        value: name of the column of values.
        axes: for each axis, by name, the labels of its positions; None numbers them from 0.

    >>> elements(np.array([[1, 2], [3, 4]]), "count", {"letter": "ab", "read as": "ab"}).values.tolist()
    [['a', 'a', 1], ['a', 'b', 2], ['b', 'a', 3], ['b', 'b', 4]]
    """
    places = [
        list(range(size) if names is None else names) for size, names in zip(array.shape, axes.values(), strict=True)
    ]
    return pd.Series(array.ravel(), pd.MultiIndex.from_product(places, names=list(axes)), name=value).reset_index()


def per_epoch(by_seed: NDArray[np.float64], seeds: Sequence[int]) -> pd.DataFrame:
    """Return values (float, seeds x epochs) as a table with a row for each epoch and a column for each seed."""
    epochs = pd.RangeIndex(1, by_seed.shape[1] + 1, name="epoch")
    return pd.DataFrame(by_seed.T, epochs, [f"seed{seed}" for seed in seeds]).reset_index()


def short(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return a table with the numbers in the given columns as text with two digits, as in ``1.2e-16``."""
    return table.assign(**{name: table[name].map("{:.1e}".format) for name in columns})
