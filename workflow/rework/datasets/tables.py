"""Storing data sets that are small tables of numbers, in the order of their file and without splits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.datasets.layouts import TABLE_FILE
from rework.datasets.store import AssetRecord, write_description
from rework.formats.number_tables import write_numbers
from rework.settings.data import DatasetSettings


@dataclass(frozen=True)
class NumberTable:
    """Columns of equal length by name, and sentences about them for the report."""

    columns: Mapping[str, NDArray[np.float64]]
    notes: tuple[str, ...] = ()


def write_dataset(
    directory: Path,
    raw: NumberTable,
    settings: DatasetSettings,
    *,
    assets: Sequence[AssetRecord] = (),
    provenance: Mapping[str, Any] | None = None,
) -> str:
    """Write a table and its description; return its size as text. Equal arguments give equal bytes."""
    table = directory / TABLE_FILE
    write_numbers(table, raw.columns, header=True)
    rows = len(next(iter(raw.columns.values())))
    notes = [f"{rows} rows of {', '.join(raw.columns)}.", *raw.notes]
    write_description(directory, settings, [table], assets, provenance, notes=notes)
    return f"{rows} rows"
