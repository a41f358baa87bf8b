"""Spellings and their nearest one, by hand."""

import numpy as np
from rework.artefacts.ocr.spellings import letter_distances, nearest_spellings, word_spellings
from rework.datasets.store import StoredSplit

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
