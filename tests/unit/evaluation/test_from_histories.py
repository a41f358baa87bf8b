"""Metrics that are read off a history."""

from math import nan

import pytest
from rework.evaluation.from_histories import derived, derived_names


def test_every_column_gives_two_metrics():
    assert derived_names(["train_loss", "train_accuracy"]) == {
        "first_train_loss": "train_loss",
        "last_change_train_loss": "train_loss",
        "first_train_accuracy": "train_accuracy",
        "last_change_train_accuracy": "train_accuracy",
    }


@pytest.mark.parametrize(
    ("values", "first", "change"),
    [
        ([2.0, 1.5, 1.25], 2.0, -0.25),
        ([0.5, 0.75], 0.5, 0.25),
        ([3.0, nan, 2.0, 1.0], 3.0, -1.0),
        ([1.0], 1.0, None),
        ([], None, None),
        ([nan, 1.0, 1.0], None, 0.0),
        ([1.0, nan, 1.0], 1.0, None),
        ([1.0, 1.0, nan], 1.0, None),
    ],
)
def test_they_are_the_first_value_and_the_last_change(values, first, change):
    assert derived("first_train_loss", values) == first
    assert derived("last_change_train_loss", values) == change
