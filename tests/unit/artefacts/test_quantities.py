"""Names of metrics, taken apart and put into words."""

import pytest
from rework.artefacts.quantities import QUANTITIES, SPLITS, Metric
from rework.catalogue.declarations import declaration, task_names
from rework.catalogue.signatures import families
from rework.datasets.layouts import LAYOUTS
from rework.engines.families import is_engine


@pytest.mark.parametrize(
    ("name", "words", "axis", "text"),
    [
        ("test_accuracy", "test accuracy", "test accuracy", "12.35 %"),
        ("train_loss", "training loss", "training loss (nats)", "0.123"),
        ("validation_word_accuracy", "validation word accuracy", "validation word accuracy", "12.35 %"),
        ("psnr", "PSNR", "PSNR (dB)", "0.123"),
        ("test_edit_distance", "test edit distance", "test edit distance", "0.123"),
        ("edit_distance", "edit distance", "edit distance", "0.123"),
    ],
)
def test_a_name_in_words_with_its_unit(name, words, axis, text):
    metric = Metric.of(name)
    assert (metric.words, metric.axis, metric.quantity.text(0.12345)) == (words, axis, text)


@pytest.mark.parametrize(
    ("name", "main", "expected"),
    [
        ("test_accuracy", "test_accuracy", ""),
        ("validation_accuracy", "test_accuracy", ", validation split"),
        ("train_accuracy", "test_accuracy", ", training split"),
        ("test_word_accuracy", "test_accuracy", ", whole words"),
        ("test_loss", "test_accuracy", ", test loss"),
        ("validation_loss", "test_accuracy", ", validation loss"),
        ("psnr", "test_loss", ", PSNR"),
        ("test_psnr", "psnr", ", test split"),
        ("psnr", "test_psnr", ", PSNR"),
    ],
)
def test_what_a_metric_is_called_beside_another(name, main, expected):
    assert Metric.of(name).beside(Metric.of(main)) == expected


def test_every_metric_that_is_measured_has_words_of_its_own():
    models = [{"model": {"name": family}} for family in filter(is_engine, families())]
    runs = [*models, *({"model": {"name": "fashion-cnn"}, "task": task} for task in task_names())]
    for name in {name for run in runs for layout in LAYOUTS for name in declaration(run).measured(layout)}:
        split, _, rest = name.partition("_")
        assert (rest if split in SPLITS else name) in QUANTITIES, name
