"""The points of the course's exercise on gradient descent: two coordinates and a class, 0 or 1 (course-notes, 1.2)."""

from pathlib import Path

import numpy as np

from rework.datasets.options import check_names
from rework.datasets.tables import NumberTable
from rework.errors import DataError
from rework.formats.number_tables import read_numbers
from rework.settings.data import DatasetSettings

OPTIONS: dict[str, object] = {}
FILE = "gradient_descent_data.csv"
COLUMNS = ("x1", "x2", "label")


def read(raw: Path, settings: DatasetSettings) -> NumberTable:
    """Read the points in the order of the file, in which the exercise visits them.

    Raises:
        DataError: the file is missing or damaged, or does not have points of both classes and of no other.
        ConfigError: an option is unknown.
    """
    check_names(settings.options, OPTIONS, f"data set {settings.name}")
    columns = read_numbers(raw / FILE, COLUMNS, header=False)
    labels = np.unique(columns["label"])
    if labels.tolist() != [0, 1]:
        raise DataError(f"{raw / FILE}: classes {labels.tolist()}; expected 0 and 1 in column 3")
    return NumberTable(columns)
