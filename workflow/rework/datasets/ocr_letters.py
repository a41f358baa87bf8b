"""OCR letters: 16×8 black-and-white handwritten letters that form words, in one file with ten folds.

Source: Taskar, Guestrin and Koller, Max-margin Markov networks, 2003, after Kassel's collection at MIT.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rework.datasets.options import check_names
from rework.datasets.store import RawSplits
from rework.errors import DataError
from rework.formats.letter_lines import ALPHABET, LetterLines, read_letter_lines
from rework.settings.data import DatasetSettings
from rework.settings.ranges import Count

FILE = "letter.data.gz"
VALIDATION_FOLD, TEST_FOLD = 8, 9  # the folds below are the training split
INK = 255  # value of a black pixel, so that bytes scaled to 0..1 are the file's zeros and ones
# ``words`` is read by the sample generator, which shares the options.
OPTIONS = {"words": Count}


def read(raw: Path, settings: DatasetSettings) -> RawSplits:
    """Read ``letter.data.gz`` in ``raw``; folds 0 to 7 are for training, 8 is for validation and 9 for the test.

    Raises:
        DataError: the file is missing or damaged, or one of the splits has no word.
        ConfigError: an option is unknown.
    """
    check_names(settings.options, OPTIONS, f"data set {settings.name}")
    lines = read_letter_lines(raw / FILE)
    word_folds = lines.folds[lines.offsets[:-1]]
    chosen = {
        "train": word_folds < VALIDATION_FOLD,
        "validation": word_folds == VALIDATION_FOLD,
        "test": word_folds == TEST_FOLD,
    }
    splits = {}
    for name, words in chosen.items():
        if not words.any():
            raise DataError(f"{raw / FILE}: no word of the {name} split; expected words in the folds 0-7, 8 and 9")
        splits[name] = _select(lines, words)
    return RawSplits(
        splits=splits,
        classes=tuple(ALPHABET),
        notes=(
            "Folds 0 to 7 of the file are the training split, fold 8 the validation split and fold 9 the test split; "
            "each word lies in one fold.",
        ),
    )


def _select(
    lines: LetterLines, words: NDArray[np.bool_]
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """Return inputs (N×1×16×8 bytes), targets (N) and offsets of the chosen words, in the order of the file."""
    lengths = np.diff(lines.offsets)
    letters = np.repeat(words, lengths)
    offsets = np.concatenate([[0], np.cumsum(lengths[words])]).astype(np.int64)
    return lines.images[letters][:, None] * np.uint8(INK), lines.letters[letters], offsets
