"""The curves that the author of ocr plotted, epoch by epoch, for each of his networks.

They were read out of the vector graphics in his public repository, which states no licence: the file is not part of
Rework, and figures are drawn without these curves where it is not given.
"""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path

import numpy as np

from rework.datasets.options import check_names
from rework.datasets.tables import NumberTable
from rework.errors import DataError
from rework.formats.decoding import read_bounded
from rework.formats.texts import decoded
from rework.messages import short_text
from rework.settings.data import DatasetSettings

OPTIONS: dict[str, object] = {}
FILE = "ocr_author_curves.csv"
HEADER = (
    *("run", "measured_by", "epoch", "plotted_training_loss", "epoch_mean_loss"),
    *("validation_correct", "validation_of", "validation_accuracy"),
)
CURVES = ("plotted_training_loss", "epoch_mean_loss", "validation_accuracy")
RUNS = ("cnn-2", "cnn-3", "cnn-4", "cnn-5", "bilstm", "cnn-bilstm")
EPOCHS = 20
# Those of the figures; he trained the networks for words once more for each measure of whole words.
MEASURED_BY = "letters"

_LARGEST = 2**16  # bytes


def column(run: str, curve: str) -> str:
    """Return the name of the column that holds one of the ``CURVES`` of a run."""
    return f"{run} {curve}"


def read(raw: Path, settings: DatasetSettings) -> NumberTable:
    """Read the curves of the trainings that were measured by letters, a row for each epoch.

    Losses are in nats: as plotted, and as a mean over the epoch, which is over batches of letters for the networks of
    single letters, and over the words' mean losses per letter for those of words.

    Raises:
        DataError: the file is missing or damaged, or lacks an epoch of a run.
        ConfigError: an option is unknown.
    """
    check_names(settings.options, OPTIONS, f"data set {settings.name}")
    path = raw / FILE
    lines = decoded(read_bounded(path, _LARGEST), str(path)).splitlines()
    if not lines or lines[0].split(",") != list(HEADER):
        raise DataError(f"{path}: its first line is {short_text(lines[:1])}; expected {','.join(HEADER)}")
    rows = [_row(path, number, line) for number, line in enumerate(lines[1:], 2)]
    columns = {}
    for run in RUNS:
        of_run = [row for row in rows if row["run"] == run and row["measured_by"] == MEASURED_BY]
        _check_epochs(path, run, [row["epoch"] for row in of_run])
        for curve in CURVES:
            columns[column(run, curve)] = _numbers(path, run, curve, [row[curve] for row in of_run])
    return NumberTable(columns, notes=("Read off the vector graphics in the author's repository, one curve per run.",))


def _row(path: Path, number: int, line: str) -> dict[str, str]:
    cells = line.split(",")
    if len(cells) != len(HEADER):
        raise DataError(f"{path}: line {number} is {short_text(line)}; expected {len(HEADER)} cells")
    return dict(zip(HEADER, cells, strict=True))


def _check_epochs(path: Path, run: str, found: Sequence[str]) -> None:
    if list(found) != [str(epoch) for epoch in range(1, EPOCHS + 1)]:
        raise DataError(f"{path}: epochs of {run} by {MEASURED_BY}: {short_text(list(found))}; expected 1 to {EPOCHS}")


def _numbers(path: Path, run: str, curve: str, texts: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    largest = 1.0 if curve == "validation_accuracy" else float("inf")
    try:
        values = [float(text) for text in texts]
    except ValueError:
        values = [float("nan")]
    if not all(isfinite(value) and 0 <= value <= largest for value in values):
        raise DataError(f"{path}: {curve} of {run}: {short_text(list(texts))}; expected numbers from 0 to {largest:g}")
    return np.array(values)
