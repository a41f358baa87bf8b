"""Spellings and their nearest one, by hand."""

import numpy as np
import pytest
from rework import paths
from rework.artefacts.context import ArtefactContext
from rework.artefacts.ocr.spellings import letter_distances, nearest_spellings, spellings, word_spellings
from rework.datasets.store import RawSplits, StoredSplit, write_dataset
from rework.settings.artefact import ArtefactSettings
from rework.settings.data import DatasetSettings

A, B, C = 0, 1, 2


def split(letters, pictures, offsets):
    arrays = {"inputs": np.array(pictures, np.uint8).reshape(-1, 1, 1, 2), "targets": np.array(letters)}
    return StoredSplit({**arrays, "offsets": np.array(offsets)})


TRAIN = split([A, B, C, A], [[0, 0], [10, 0], [0, 10], [2, 0]], [0, 2, 4])  # the words AB and CA


def test_distances_are_those_from_mean_pictures():
    test = split([B, C], [[9, 0], [0, 8]], [0, 2])
    found = letter_distances(TRAIN, test, 4)
    # The mean pictures are A (1, 0), B (10, 0) and C (0, 10); of the fourth class there is none.
    assert found[:, :3].tolist() == [[64, 1, 181], [65, 164, 4]]
    assert np.isinf(found[:, 3]).all()


def test_a_word_is_read_as_the_nearest_spelling_of_its_length():
    assert word_spellings(TRAIN) == [(A, B), (C, A)]
    distances = np.array([[3.0, 9, 1], [9, 2, 9], [1, 9, 9], [5, 1, 9], [9, 9, 1]])
    # Words of two, two and one letters. By letters CB, AB and C; as spellings AB (5) for CB (CA would be 10).
    read = nearest_spellings(distances, np.array([0, 2, 4, 5]), word_spellings(TRAIN))
    assert read.tolist() == [A, B, A, B, C]


def test_a_word_of_a_length_that_is_not_known_is_read_by_its_letters():
    distances = np.array([[3.0, 9, 1], [9, 2, 9], [1, 9, 9]])
    assert nearest_spellings(distances, np.array([0, 3]), [(A, B)]).tolist() == [C, B, A]


def context_of(results, **splits):
    """Return the context of the artefact over the words of each split; capitals are letters that look like b."""
    drawn = {"a": (9, 0), "b": (0, 9), "c": (9, 9)}
    arrays = {}
    for name, words in splits.items():
        letters = [letter for word in words for letter in word]
        pictures = np.array([drawn[letter.lower()] for letter in letters], np.uint8)
        pictures[[letter.isupper() for letter in letters]] = 1, 6  # nearest to b
        targets = np.array(["abc".index(letter.lower()) for letter in letters])
        arrays[name] = (pictures.reshape(-1, 1, 1, 2), targets, np.cumsum([0, *map(len, words)]))
    settings = DatasetSettings("letters", False, (), layout="words")
    write_dataset(paths.dataset_dir(results, "letters"), RawSplits(arrays, tuple("abc")), settings)
    return ArtefactContext(ArtefactSettings("tests/spellings", "table", "", "", datasets=("letters",)), results)


def test_spellings_are_counted_and_words_read_by_hand(tmp_path):
    # Of "aC", letters alone read "ab".
    built = spellings(context_of(tmp_path, train=["ac", "ac", "b"], validation=["b"], test=["aC", "b", "ca", "ac"]))
    assert built.facts["words"] == 8
    assert built.facts["spellings"] == 3
    assert built.facts["seen"] == 0.75
    assert built.facts["frequent"] == [
        {"spelling": "ac", "count": 4},
        {"spelling": "b", "count": 3},
        {"spelling": "ca", "count": 1},
    ]
    # With the spellings, "aC" is read, and the unknown "ca" becomes "ac".
    assert built.facts["read"] == {"nearest letters": 0.75, "nearest spelling": 0.75}
    letters = {value.key: value.estimate.mean for value in built.values if value.metric == "test_accuracy"}
    assert letters == {"nearest letters": pytest.approx(6 / 7), "nearest spelling": pytest.approx(5 / 7)}
    assert "8 words of the data set have 3 spellings, and the spelling of 75.0 % of the test words" in built.caption


def test_every_test_word_is_said_only_if_it_is_every_one(tmp_path):
    built = spellings(context_of(tmp_path, train=["ac", "b"], validation=["b"], test=["ac"]))
    assert built.facts["seen"] == 1
    assert "the spelling of every test word occurs in training" in built.caption
