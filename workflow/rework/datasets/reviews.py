"""Reviews of films, positive or negative: the labelled training reviews of the Large Movie Review Dataset.

The order, the cleaning, the length and the split are those of the course's exercise, which were found out by comparing
its printed reviews with the archive.
"""

from pathlib import Path

import numpy as np

from rework.datasets.labelled_texts import LabelledTexts, joined_texts
from rework.datasets.options import check_names, positive_count
from rework.datasets.plain_words import numbered, padded, plain_words, words_by_frequency
from rework.datasets.store import Arrays, RawSplits
from rework.errors import ConfigError, DataError
from rework.formats.review_archive import Review, read_reviews
from rework.settings.data import DatasetSettings
from rework.settings.ranges import Count

FILE = "aclImdb_v1.tar.gz"
CLASSES = ("negative", "positive")
# ``reviews`` is read by the sample generator, which shares the options.
OPTIONS = {"words": Count, "reviews": Count}


def read(raw: Path, settings: DatasetSettings) -> LabelledTexts:
    """Read the archive in ``raw``; the first 80 % of the reviews are for training, the next 10 % for validation.

    Raises:
        DataError: the archive is missing or damaged, or has too few reviews.
        ConfigError: an option is unknown or has a wrong value.
    """
    where = f"data set {settings.name}"
    check_names(settings.options, OPTIONS, where)
    length = positive_count(settings.options, "words", where)
    if length > 10_000:
        raise ConfigError(f"{where}: option words is {length}, expected at most 10000, as no review is longer")
    reviews = read_reviews(raw / FILE)
    cleaned = [plain_words(review.text) for review in reviews]
    kept = [place for place, words in enumerate(cleaned) if words]
    train, validation = len(kept) * 8 // 10, len(kept) * 9 // 10
    if not 0 < train < validation < len(kept):
        raise DataError(f"{raw / FILE}: {len(kept)} reviews that are not empty; expected at least 10")
    words = words_by_frequency(cleaned)
    numbers = numbered(words)

    def arrays(rows: list[int]) -> Arrays:
        chosen: list[Review] = [reviews[row] for row in rows]
        return (
            np.stack([padded([numbers[word] for word in cleaned[row]], length) for row in rows]),
            np.array([int(review.positive) for review in chosen], np.int64),
            np.array([len(cleaned[row]) for row in rows], np.int64),
            *joined_texts([review.text for review in chosen]),
        )

    splits = {"train": kept[:train], "validation": kept[train:validation], "test": kept[validation:]}
    return LabelledTexts(
        RawSplits({split: arrays(rows) for split, rows in splits.items()}, CLASSES, _notes(reviews, kept, length)),
        words,
    )


def _notes(reviews: list[Review], kept: list[int], length: int) -> tuple[str, ...]:
    empty = len(reviews) - len(kept)
    return (
        "Positive and negative reviews in turn, each in the order of their names: the first 80 % are for training, the "
        "next 10 % for validation and the last 10 % for the test.",
        f"Of each review the first {length} words are kept; zeros stand in front of shorter ones.",
        "As in the course, the vocabulary has the words of all reviews, those of the test split among them.",
        *([f"{empty} reviews without a word are left out."] if empty else []),
    )
