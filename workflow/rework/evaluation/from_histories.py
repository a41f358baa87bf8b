"""Metrics that are read off a run's history, for claims on how fast it learned."""

from collections.abc import Sequence
from math import isnan, nan

FIRST, LAST_CHANGE = "first_", "last_change_"
"""The first value of a column, and its last minus the one before."""


def derived_names(columns: Sequence[str]) -> dict[str, str]:
    """Return the names of the metrics that a history with these columns gives, with the column of each.

    >>> derived_names(["train_loss"])
    {'first_train_loss': 'train_loss', 'last_change_train_loss': 'train_loss'}
    """
    return {f"{kind}{column}": column for column in columns for kind in (FIRST, LAST_CHANGE)}


def derived(name: str, values: Sequence[float]) -> float | None:
    """Return one of these metrics, of the values of its column by epoch.

    Returns:
        The first value, or the last minus the one before; None if the history is too short, or they were not measured.

    >>> derived("first_train_loss", [2.0, 1.5, 1.25]), derived("last_change_train_loss", [2.0, 1.5, 1.25])
    (2.0, -0.25)
    """
    if name.startswith(FIRST):
        found = values[0] if len(values) else nan
    else:
        found = values[-1] - values[-2] if len(values) > 1 else nan
    return None if isnan(found) else float(found)
