"""The tables that a training leaves: ``history.csv``, a row per epoch, and ``probes.csv``, a row per probe.

A task or an engine declares the columns of its own measures; here stand those that every training has. No torch:
engines write the same tables.
"""

import csv
import io
from collections.abc import Iterable, Mapping

Values = Mapping[str, float | None]
"""Measures by name; None was not measured."""


def history_columns(measured: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of ``history.csv``.

    These are the epoch and the updates so far, the declared measures, and then what the L2 term adds to the loss and
    the learning rate of the last update.
    """
    return ("epoch", "steps", *measured, "l2_loss", "learning_rate")


def probe_columns(measured: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of ``probes.csv``: the updates so far, and the declared measures."""
    return ("steps", *measured)


def table_csv(columns: tuple[str, ...], rows: Iterable[Values]) -> str:
    """Return rows as CSV; floats have all their digits, None is an empty field.

    Raises:
        ValueError: a row has other values than the columns say.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        if set(row) != set(columns):
            raise ValueError(f"a row holds {', '.join(row)}, but the columns are {', '.join(columns)}")
        writer.writerow([row[name] for name in columns])
    return text.getvalue()
