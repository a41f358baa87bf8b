"""The text of the course's exercise on characters: Anna Karenina in English, one character after another."""

from pathlib import Path

import numpy as np

from rework.datasets.options import check_names
from rework.datasets.store import RawSplits
from rework.errors import DataError
from rework.formats.decoding import read_bounded
from rework.formats.texts import decoded
from rework.settings.data import DatasetSettings
from rework.settings.ranges import Count

FILE = "anna.txt"
MOST_BYTES = 50_000_000
# ``paragraphs`` is read by the sample generator, which shares the options.
OPTIONS = {"paragraphs": Count}


def read(raw: Path, settings: DatasetSettings) -> RawSplits:
    """Read the text in ``raw``; as in the course, its last 10 % are for validation, and there is no test split.

    Raises:
        DataError: the file is missing, is no text in UTF-8, or is too short or too long.
        ConfigError: an option is unknown.
    """
    check_names(settings.options, OPTIONS, f"data set {settings.name}")
    # As the course reads it: the end of a line is one character, though the file has two.
    text = decoded(read_bounded(raw / FILE, MOST_BYTES), str(raw / FILE)).replace("\r\n", "\n")
    train = len(text) * 9 // 10
    if not 0 < train < len(text):
        raise DataError(f"{raw / FILE}: {len(text)} characters, expected a long text")
    characters = tuple(sorted(set(text)))
    numbers = {character: number for number, character in enumerate(characters)}
    encoded = np.array([numbers[character] for character in text], np.int64)
    return RawSplits(
        {"train": (encoded[:train],), "validation": (encoded[train:],)},
        characters,
        ("One text: its first 90 % are for training and its last 10 % for validation. There is no test split.",),
    )
