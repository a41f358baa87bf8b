"""Metrics against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.evaluation.metrics import accuracy, mean_negative_log_likelihood
from sklearn.metrics import accuracy_score, log_loss


@given(seed=st.integers(0, 10**6), examples=st.integers(1, 60), classes=st.integers(2, 12))
def test_metrics_against_scikit_learn(seed, examples, classes):
    generator = np.random.default_rng(seed)
    probabilities = generator.dirichlet(np.ones(classes), examples) * 0.98 + 0.02 / classes
    targets = generator.integers(0, classes, examples)
    assert accuracy(probabilities.argmax(axis=1), targets) == accuracy_score(targets, probabilities.argmax(axis=1))
    assert mean_negative_log_likelihood(np.log(probabilities), targets) == pytest.approx(
        log_loss(targets, probabilities, labels=range(classes)), rel=1e-9
    )
