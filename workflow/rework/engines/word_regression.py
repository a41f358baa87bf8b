"""Logistic regression on the words of a text, whatever their order: the rival of the LSTM in course-notes."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from threadpoolctl import threadpool_limits

from rework.datasets.labelled_texts import stored_text, stored_words
from rework.datasets.layouts import SPLITS
from rework.datasets.plain_words import plain_words
from rework.datasets.store import StoredDataset
from rework.engines.fitted import Fitted, Report
from rework.errors import ConfigError
from rework.evaluation.metrics import accuracy
from rework.settings.ranges import Positive
from rework.settings.run import RunSettings

LAYOUTS: tuple[str, ...] = ("texts",)
NEEDS: tuple[str, ...] = ()
OPTIONS: tuple[str, ...] = ()
LOSSES: tuple[str, ...] = ()
METRICS: Mapping[str, tuple[str, str]] = {
    "train_accuracy": ("share", "higher"),
    "train_loss": ("nats", "lower"),
    "validation_accuracy": ("share", "higher"),
    "validation_loss": ("nats", "lower"),
    "test_accuracy": ("share", "higher"),
    "test_loss": ("nats", "lower"),
}
LAYOUT_METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {}
HISTORY: tuple[str, ...] = ()
PROBES: tuple[str, ...] = ()
ITEM: str = "text"
HEADLINE: str = "test_accuracy"

MOST_ITERATIONS = 1000


def fit(
    settings: RunSettings,
    dataset: StoredDataset,
    report: Report,
    *,
    whole: bool = True,
    weighting: Literal["counts", "tf-idf"] = "tf-idf",
    inverse_penalty: Positive = 1.0,
) -> Fitted:
    """Fit the training split, and measure all splits. Nothing is drawn at random.

    Args:
        settings: the run.
        dataset: texts of two classes.
        report: called after each part of the work.
        whole: whether it reads all words of a text, or only as many as the data set keeps for a network.
        weighting: of the words: how often each occurs, or tf-idf, which makes words weigh less that many texts have.
        inverse_penalty: the regression's C, the inverse strength of its L2 penalty.

    Raises:
        ConfigError: the data set has other than two classes.
    """
    if len(dataset.classes) != 2:
        raise ConfigError(f"{settings.id}: data set {dataset.name} has {len(dataset.classes)} classes, expected two")
    length = None if whole else dataset.splits["train"].inputs.shape[1]
    texts = {name: _texts(dataset, name) for name in SPLITS}
    targets = {name: np.asarray(dataset.splits[name].targets) for name in SPLITS}
    with threadpool_limits(settings.threads):
        counting = word_counts(stored_words(dataset), length, weighting)
        features = {"train": counting.fit_transform(texts["train"])}
        features |= {name: counting.transform(texts[name]) for name in ("validation", "test")}
        report(1, f"{features['train'].shape[1]} words")
        regression = LogisticRegression(C=inverse_penalty, max_iter=MOST_ITERATIONS).fit(
            features["train"], targets["train"]
        )
        log_odds = {name: regression.decision_function(found) for name, found in features.items()}
    report(2, f"{int(regression.n_iter_[0])} iterations")
    metrics: dict[str, tuple[float, int]] = {}
    for name, found in log_odds.items():
        count = len(found)
        metrics[f"{name}_accuracy"] = (accuracy((found > 0).astype(np.int64), targets[name]), count)
        metrics[f"{name}_loss"] = (logistic_loss(found, targets[name]), count)
    return Fitted(
        weights={"weights": regression.coef_[0], "bias": regression.intercept_},
        history=(),
        steps=int(regression.n_iter_[0]),
        parameters=regression.coef_.size + 1,
        metrics=metrics,
        predictions={"log_odds": log_odds["test"].astype(np.float32)},
    )


def word_counts(words: Sequence[str], length: int | None, weighting: str) -> Pipeline:
    """Return what turns texts into numbers of the words of a vocabulary, of each text's first ``length`` words."""

    def kept(text: str) -> list[str]:
        return plain_words(text)[:length]

    counter = CountVectorizer(analyzer=kept, vocabulary=list(words))
    return make_pipeline(counter, TfidfTransformer()) if weighting == "tf-idf" else make_pipeline(counter)


def logistic_loss(log_odds: NDArray[np.float64], targets: NDArray[np.int64]) -> float:
    """Return the mean of ``-log p(right class)`` in nats, from log odds of class 1 and classes 0 and 1, both (N,).

    >>> round(logistic_loss(np.array([0.0, 800.0, -800.0]), np.array([1, 1, 1])), 3)
    266.898
    """
    return float(np.logaddexp(0, np.where(targets == 1, -log_odds, log_odds)).mean())


def _texts(dataset: StoredDataset, name: str) -> list[str]:
    split = dataset.splits[name]
    return [stored_text(split, row) for row in range(len(split.targets))]
