"""How much of a word's reading its spelling gives away, beyond the writeup: few spellings are written very often."""

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.datasets.store import StoredSplit
from rework.evaluation.metrics import accuracy, word_accuracy
from rework.messages import plural

RULES = {
    "nearest letters": "each letter by itself: the class whose mean training picture is nearest",
    "nearest spelling": "the training spelling of the same length whose mean letters are nearest together",
}


@measures(
    test_accuracy=("nearest letters", "nearest spelling"), test_word_accuracy=("nearest letters", "nearest spelling")
)
@needs(datasets="ocr-letters")
def spellings(context: ArtefactContext) -> Built:
    """Count spellings, and read the test words by nothing but mean pictures, with and without knowing the spellings."""
    (name,) = context.settings.datasets
    dataset = context.dataset(name)
    known = {split: word_spellings(dataset.splits[split]) for split in dataset.splits}
    test = dataset.splits["test"]
    distances = letter_distances(dataset.splits["train"], test, len(dataset.classes))
    read = {
        "nearest letters": distances.argmin(axis=1),
        "nearest spelling": nearest_spellings(distances, _offsets(test), known["train"]),
    }
    targets = np.asarray(test.targets)
    values, rows = [], []
    for rule, labels in read.items():
        found = {
            "test_accuracy": accuracy(labels, targets),
            "test_word_accuracy": word_accuracy(labels, targets, _offsets(test)),
        }
        values += [Measured(rule, metric, rule, exact(value), unit="%") for metric, value in found.items()]
        rows.append({"rule": RULES[rule], **found})
    everywhere = Counter(spelling for found in known.values() for spelling in found)
    trained = set(known["train"])
    seen = float(np.mean([spelling in trained for spelling in known["test"]]))
    tested = "every test word" if seen == 1 else f"{100 * seen:.1f} % of the test words"
    data = pd.DataFrame(rows)
    return Built(
        caption=(
            f"The test words read without a network. The {everywhere.total()} words of the data set have "
            f"{plural(len(everywhere), 'spelling')}, and the spelling of {tested} occurs in training."
        ),
        data=data,
        values=tuple(values),
        table=Table.of(
            data,
            Column("rule", "rule"),
            Column("test_accuracy", "letters right", "right", "%", 2),
            Column("test_word_accuracy", "words right", "right", "%", 2),
        ),
        facts={
            "words": everywhere.total(),
            "spellings": len(everywhere),
            "seen": seen,
            "frequent": [
                {"spelling": "".join(dataset.classes[label] for label in spelling), "count": count}
                for spelling, count in everywhere.most_common(3)
            ],
            "read": {value.key: value.estimate.mean for value in values if value.metric == "test_word_accuracy"},
        },
    )


def word_spellings(split: StoredSplit) -> list[tuple[int, ...]]:
    """Return the classes of the letters of each word."""
    targets, offsets = np.asarray(split.targets), _offsets(split)
    return [tuple(targets[first:end].tolist()) for first, end in pairwise(offsets)]


def letter_distances(train: StoredSplit, test: StoredSplit, classes: int) -> NDArray[np.float64]:
    """Return the squared distance of each test letter from the mean training picture of each class, shape (N, classes).

    A class without training pictures is infinitely far.
    """
    pictures, targets = (np.asarray(array) for array in (train.inputs, train.targets))
    flat, tested = (np.asarray(array, np.float64).reshape(len(array), -1) for array in (pictures, test.inputs))
    counts = np.bincount(targets, minlength=classes)
    sums = np.zeros((classes, flat.shape[1]))
    np.add.at(sums, targets, flat)
    means = sums / np.maximum(counts, 1)[:, None]
    distances: NDArray[np.float64] = (tested**2).sum(1)[:, None] - 2 * tested @ means.T + (means**2).sum(1)[None]
    distances[:, counts == 0] = np.inf
    return distances


def nearest_spellings(
    distances: NDArray[np.float64], offsets: NDArray[np.int64], known: list[tuple[int, ...]]
) -> NDArray[np.int64]:
    """Return the letters of the known spelling that is nearest to each word; by letters where none has its length.

    Args:
        distances: of each letter from each class, shape (N, classes).
        offsets: bounds of the words.
        known: spellings; among equally near ones, the first in alphabetical order counts.
    """
    by_length: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for spelling in sorted(set(known)):
        by_length[len(spelling)].append(spelling)
    labels: NDArray[np.int64] = distances.argmin(axis=1)
    lengths = np.diff(offsets)
    for length, candidates in by_length.items():
        words = np.flatnonzero(lengths == length)
        if len(words):
            places = offsets[words][:, None] + np.arange(length)
            spelled = np.array(candidates)  # (spellings, length)
            totals = sum(distances[places[:, k]][:, spelled[:, k]] for k in range(length))
            labels[places] = spelled[np.argmin(totals, axis=1)]
    return labels


def _offsets(split: StoredSplit) -> NDArray[np.int64]:
    assert split.offsets is not None, "a data set of words has their bounds"
    return np.asarray(split.offsets)
