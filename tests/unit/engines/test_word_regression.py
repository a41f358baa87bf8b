"""The linear model of words: its features against counts by hand, its fit against the condition of the optimum."""

from dataclasses import replace

import numpy as np
import pytest
from rework.datasets.labelled_texts import stored_text, stored_words
from rework.datasets.plain_words import plain_words
from rework.datasets.store import open_dataset
from rework.engines.word_regression import fit, logistic_loss, word_counts
from rework.errors import ConfigError
from rework.settings.run import DataSettings, ModelSettings
from tiny_reviews import write_tiny_reviews
from tiny_runs import a_run

RUN = a_run(model=ModelSettings("word-regression"), task=None, data=DataSettings("reviews"), batch_size=0, epochs=0)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return open_dataset(write_tiny_reviews(tmp_path_factory.mktemp("results"), count=120))


def counted(dataset, name, length):
    words = stored_words(dataset)
    split = dataset.splits[name]
    texts = [plain_words(stored_text(split, row))[:length] for row in range(len(split.targets))]
    return np.array([[text.count(word) for word in words] for text in texts], float)


@pytest.mark.parametrize("length", [None, 12])
def test_features_are_counts_or_tf_idf_as_its_paper_has_them(dataset, length):
    split = dataset.splits["train"]
    texts = [stored_text(split, row) for row in range(len(split.targets))]
    expected = counted(dataset, "train", length)
    counts = word_counts(stored_words(dataset), length, "counts").fit_transform(texts).toarray()
    np.testing.assert_array_equal(counts, expected)
    weighted = expected * (np.log((1 + len(texts)) / (1 + (expected > 0).sum(axis=0))) + 1)
    weighted /= np.linalg.norm(weighted, axis=1, keepdims=True)
    found = word_counts(stored_words(dataset), length, "tf-idf").fit_transform(texts).toarray()
    np.testing.assert_allclose(found, weighted, rtol=1e-12)


@pytest.mark.parametrize("whole", [True, False])
def test_the_fit_is_optimal_and_the_measures_are_its_own(dataset, whole):
    found = fit(RUN, dataset, lambda *_: None, whole=whole, weighting="counts", inverse_penalty=0.5)
    length = None if whole else 12
    weights, bias = found.weights["weights"], found.weights["bias"][0]
    features, targets = counted(dataset, "train", length), np.asarray(dataset.splits["train"].targets)
    chances = 1 / (1 + np.exp(-(features @ weights + bias)))
    # The gradient of C times the summed loss plus half the squared weights.
    assert np.abs(0.5 * features.T @ (chances - targets) + weights).max() < 2e-2
    assert abs((chances - targets).sum()) < 2e-2
    test, truth = counted(dataset, "test", length) @ weights + bias, np.asarray(dataset.splits["test"].targets)
    np.testing.assert_allclose(found.predictions["log_odds"], test, rtol=1e-5, atol=1e-5)
    assert found.metrics["test_accuracy"] == (float(((test > 0) == truth).mean()), len(truth))
    right = np.where(truth == 1, test, -test)
    assert found.metrics["test_loss"][0] == pytest.approx(float(np.log1p(np.exp(-right)).mean()))
    assert found.metrics["train_accuracy"][0] > 0.8
    assert found.parameters == len(weights) + 1


def test_the_loss_does_not_overflow():
    assert logistic_loss(np.array([-1e4, 1e4]), np.array([1, 1])) == pytest.approx(5000)


def test_other_data_are_refused(dataset):
    with pytest.raises(ConfigError, match="3 classes, expected two"):
        fit(RUN, replace(dataset, classes=("a", "b", "c")), lambda *_: None)
