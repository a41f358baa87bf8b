"""Storing data sets of texts with classes: arrays per split, and the vocabulary in a file of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.datasets.layouts import WORDS_FILE
from rework.datasets.store import AssetRecord, RawSplits, StoredDataset, StoredSplit
from rework.datasets.store import write_dataset as write_arrays
from rework.errors import DataError
from rework.files import sha256_file, write_text
from rework.recorded import check_sha256
from rework.settings.data import DatasetSettings


@dataclass(frozen=True)
class LabelledTexts:
    """Texts with classes, and their vocabulary, whose words are numbered from 1 in this order."""

    splits: RawSplits
    words: tuple[str, ...]


def write_dataset(
    directory: Path,
    raw: LabelledTexts,
    settings: DatasetSettings,
    *,
    assets: Sequence[AssetRecord] = (),
    provenance: Mapping[str, Any] | None = None,
) -> str:
    """Write the arrays, the vocabulary and ``dataset.json``, and return the sizes as text.

    Equal arguments give equal bytes.

    Raises:
        DataError: the splits do not match the layout, or a text has a number that is no word's.
    """
    for split, arrays in raw.splits.splits.items():
        if arrays[0].min() < 0 or arrays[0].max() > len(raw.words):
            raise DataError(f"data set {settings.name}, split {split}: numbers of words beyond {len(raw.words)}")
    vocabulary = directory / WORDS_FILE
    write_text(vocabulary, "".join(f"{word}\n" for word in raw.words))
    recorded = {**(provenance or {}), "outputs": {vocabulary.name: sha256_file(vocabulary)}}
    sizes = write_arrays(directory, raw.splits, settings, assets=assets, provenance=recorded)
    return f"{sizes}, {len(raw.words)} words"


def stored_words(dataset: StoredDataset) -> tuple[str, ...]:
    """Return the vocabulary of a stored data set of texts; its words are numbered from 1.

    Raises:
        DataError: the file is missing, or is not the one described in ``dataset.json``.
    """
    path = dataset.directory / WORDS_FILE
    check_sha256(path, dataset.info["provenance"]["outputs"][WORDS_FILE], "dataset.json")
    return tuple(path.read_text(encoding="utf-8").splitlines())


def stored_text(split: StoredSplit, row: int) -> str:
    """Return a text of a split as it was before cleaning."""
    start, end = split.arrays["text_offsets"][row : row + 2]
    return split.arrays["characters"][start:end].tobytes().decode("utf-8")


def joined_texts(texts: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return texts as the bytes of all of them, one after another, and the bounds of each (texts + 1)."""
    encoded = [text.encode("utf-8") for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return np.frombuffer(b"".join(encoded), np.uint8), offsets
