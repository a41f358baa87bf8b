"""Admissions to a university: of each student, two results, the rank of the school, and the decision (course-notes, 1).

The course took the table from the statistics pages of UCLA.
"""

from pathlib import Path

import numpy as np

from rework.datasets.options import check_names
from rework.datasets.tables import NumberTable
from rework.errors import DataError
from rework.formats.number_tables import read_numbers
from rework.settings.data import DatasetSettings

OPTIONS: dict[str, object] = {}
FILE = "student_data.csv"
COLUMNS = ("admit", "gre", "gpa", "rank")
RANKS = (1, 2, 3, 4)


def read(raw: Path, settings: DatasetSettings) -> NumberTable:
    """Read the students in the order of the file.

    Raises:
        DataError: the file is missing or damaged, a decision is not 0 or 1, or a rank not 1 to 4.
        ConfigError: an option is unknown.
    """
    check_names(settings.options, OPTIONS, f"data set {settings.name}")
    columns = read_numbers(raw / FILE, COLUMNS, header=True)
    for name, known in (("admit", (0, 1)), ("rank", RANKS)):
        wrong = np.flatnonzero(~np.isin(columns[name], known))
        if len(wrong):
            line = int(wrong[0]) + 2  # one for the names on top, one because lines count from 1
            raise DataError(
                f"{raw / FILE}: line {line}: {name} is {columns[name][wrong[0]]:g}; expected one of "
                f"{', '.join(map(str, known))}"
            )
    return NumberTable(columns)
