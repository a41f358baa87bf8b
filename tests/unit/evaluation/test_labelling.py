"""Metrics of labelled examples, by hand."""

import numpy as np
from rework.evaluation.labelling import LabelledSplit, label_metrics


def split(right, count, loss=0.5, offsets=None):
    """Return a split of class 0 of which so many are labelled right."""
    targets = np.zeros(count, dtype=np.int64)
    labels = np.r_[np.zeros(right, dtype=np.int64), np.ones(count - right, dtype=np.int64)]
    return LabelledSplit(labels, targets, loss, offsets)


def test_the_gap_is_positive_where_the_training_split_is_ahead():
    splits = {"train": split(9, 10), "validation": split(3, 4), "test": split(6, 8)}
    found = label_metrics(splits)
    assert found["train_accuracy"] == (0.9, 10)
    assert found["validation_accuracy"] == (0.75, 4)
    assert found["test_accuracy"] == (0.75, 8)
    value, size = found["generalisation_gap"]
    assert (round(value, 12), size) == (0.15, 8)
    assert found["test_loss"] == (0.5, 8)


def test_a_word_is_right_if_all_its_letters_are():
    # Words of 2, 1 and 3 letters; the fourth letter and those after it are wrong.
    words = split(3, 6, offsets=np.array([0, 2, 3, 6]))
    found = label_metrics(dict.fromkeys(("train", "validation", "test"), words))
    assert found["test_word_accuracy"] == (2 / 3, 3)
    assert found["generalisation_gap"] == (0.0, 6)
