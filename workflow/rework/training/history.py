"""The tables that a training writes: ``history.csv``, a row per epoch, and ``probes.csv``, a row per probe.

A task or an engine declares the columns of its own measures; the columns common to all trainings are here. This module
does not import torch, because engines write the same tables.
"""

import csv
import io
from collections.abc import Iterable, Mapping

Values = Mapping[str, float | None]
"""Measures by name; None means not measured."""


def history_columns(measured: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of ``history.csv``.

    ``steps`` counts the updates so far, ``l2_loss`` is what the L2 term adds to the loss, and ``learning_rate`` is that
    of the last update.

    >>> history_columns(["train_loss"])
    ('epoch', 'steps', 'train_loss', 'l2_loss', 'learning_rate')
    """
    return ("epoch", "steps", *measured, "l2_loss", "learning_rate")


def probe_columns(measured: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of ``probes.csv``: the updates so far, and the declared measures."""
    return ("steps", *measured)


def table_csv(columns: tuple[str, ...], rows: Iterable[Values]) -> str:
    r"""Return rows as CSV; floats keep all their digits, and None becomes an empty field.

    >>> table_csv(("steps", "loss"), [{"steps": 1, "loss": 0.1}, {"steps": 2, "loss": None}])
    'steps,loss\n1,0.1\n2,\n'

    Raises:
        ValueError: the names in a row are not those of the columns.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        if set(row) != set(columns):
            raise ValueError(f"a row holds {', '.join(row)}, but the columns are {', '.join(columns)}")
        writer.writerow([row[name] for name in columns])
    return text.getvalue()
