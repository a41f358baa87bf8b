"""Test words with what each network reads in them, beyond the writeup."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.needs import needs
from rework.artefacts.ocr.letter_pictures import Reading, ReadWord, word_rows
from rework.artefacts.result import Built
from rework.datasets.store import StoredDataset, StoredSplit
from rework.settings.ranges import Count


@needs(
    datasets="ocr-letters",
    runs=(3, ...),
    trained=("classification", "words"),
    data="ocr-letters",
    named=("cnn-2", "bilstm", "bilstm-crf"),
)
def read_words(context: ArtefactContext, *, words: Count) -> Built:
    """Return ``words`` test words with what each model reads.

    With the first seed of each run, the first words in the test split of each of the kinds of ``word_kinds`` are taken
    in turn.
    """
    dataset = context.dataset(context.settings.datasets[0])
    split = dataset.splits["test"]
    readings = {
        run.run: context.predictions(run.run, run.seeds[0])["predictions"].astype(np.int64)
        for run in context.settings.runs
    }
    kinds = word_kinds(split, readings)
    chosen = _in_turn(kinds, words)
    shown = [_read_word(context, dataset, word, readings) for word, _ in chosen]
    return Built(
        caption=(
            "Words of the test split with what each model reads (first seed); wrong letters stand in brackets. The "
            f"first words of each of these kinds, in turn: {'; '.join(dict.fromkeys(kind for _, kind in chosen))}."
        ),
        alt="Rows of handwritten words, each beside the texts that the models read in it",
        data=pd.DataFrame(
            [
                {"word": word, "kind": kind, "written": read.truth}
                | {reading.model: reading.text for reading in read.readings}
                for (word, kind), read in zip(chosen, shown, strict=True)
            ]
        ),
        figure=word_rows(shown),
        facts={"counts": {kind: len(members) for kind, members in kinds.items()}},
    )


def word_kinds(split: StoredSplit, readings: dict[str, NDArray[np.int64]]) -> dict[str, list[int]]:
    """Return the words (indices in the split) of each kind, by which models read all their letters correctly.

    ``readings`` maps cnn-2, bilstm, bilstm-crf and others to the labels of all test letters, shape (N,).
    """
    assert split.offsets is not None, "the data set has words"
    starts = split.offsets[:-1]
    right = {name: np.logical_and.reduceat(labels == split.targets, starts) for name, labels in readings.items()}
    cnn, bilstm, crf = (right[name] for name in ("cnn-2", "bilstm", "bilstm-crf"))
    every = np.logical_and.reduce(list(right.values()))
    others = np.logical_and.reduce([value for name, value in right.items() if name != "cnn-2"])
    none = ~np.logical_or.reduce(list(right.values()))
    # Short words are common and show little, so only words of at least five letters are considered.
    long = np.diff(split.offsets) >= 5
    kinds = {
        "the CRF repairs what the BiLSTM misreads": crf & ~bilstm,
        "only the CNN is wrong": others & ~cnn,
        "the CRF misreads what the BiLSTM reads": bilstm & ~crf,
        "all models are wrong": none,
        "all models are right": every,
    }
    return {kind: np.flatnonzero(chosen & long).tolist() for kind, chosen in kinds.items()}


def _in_turn(kinds: dict[str, list[int]], count: int) -> list[tuple[int, str]]:
    """Return ``count`` words with their kinds: the first of each kind, then the second of each, and so on."""
    rounds = max(map(len, kinds.values()))
    ordered = [
        (members[turn], kind) for turn in range(rounds) for kind, members in kinds.items() if turn < len(members)
    ]
    return sorted(ordered[:count], key=lambda item: list(kinds).index(item[1]))


def _read_word(
    context: ArtefactContext, dataset: StoredDataset, word: int, readings: dict[str, NDArray[np.int64]]
) -> ReadWord:
    split = dataset.splits["test"]
    assert split.offsets is not None, "the data set has words"
    letters = slice(int(split.offsets[word]), int(split.offsets[word + 1]))

    def text(labels: NDArray[np.int64]) -> str:
        return "".join(dataset.classes[int(label)] for label in labels[letters])

    truth = text(split.targets)
    return ReadWord(
        pictures=np.asarray(split.inputs[letters])[:, 0] / 255,
        truth=truth,
        readings=tuple(
            Reading(run.label, text(readings[run.run]), text(readings[run.run]) == truth)
            for run in context.settings.runs
        ),
    )
