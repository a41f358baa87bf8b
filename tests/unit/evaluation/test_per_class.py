"""The right class among the first k, precision and recall, against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rework.evaluation.per_class import precision_and_recall, top_k_accuracy
from sklearn.metrics import precision_recall_fscore_support, top_k_accuracy_score

CLASSES = 6


@pytest.mark.parametrize("k", [1, 2, 5])
def test_the_first_k_are_scikit_learns(k):
    generator = np.random.default_rng(k)
    scores, targets = generator.normal(size=(200, CLASSES)), generator.integers(0, CLASSES, 200)
    assert top_k_accuracy(scores, targets, k) == top_k_accuracy_score(targets, scores, k=k, labels=range(CLASSES))


def test_equal_scores_never_help():
    """The class is among the first two only if at most one other has as high a score."""
    scores = np.array([[0.5, 0.5, 0.0], [0.4, 0.3, 0.3], [1 / 3, 1 / 3, 1 / 3]])
    assert top_k_accuracy(scores, np.array([0, 1, 2]), 1) == 0
    assert top_k_accuracy(scores, np.array([0, 1, 2]), 2) == pytest.approx(1 / 3)
    assert top_k_accuracy(scores, np.array([0, 1, 2]), 3) == 1


@settings(deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1)), min_size=1, max_size=40))
def test_precision_and_recall_are_scikit_learns(pairs):
    labels, targets = map(np.array, zip(*pairs, strict=True))
    expected = precision_recall_fscore_support(targets, labels, labels=range(CLASSES), zero_division=np.nan)
    for found, reference in zip(precision_and_recall(labels, targets, CLASSES), expected[:2], strict=True):
        np.testing.assert_allclose(found, reference)
