"""Names of metrics, taken apart and put into words."""

import pytest
from rework.artefacts.quantities import QUANTITIES, SPLITS, Metric
from rework.catalogue.declarations import declaration, task_names
from rework.catalogue.signatures import families
from rework.engines.families import is_engine
from rework.evaluation.units import DIFFERENCE, SHARE


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


TRAININGS = {name: {"model": {"name": ""}, "task": name} for name in task_names()} | {
    name: {"model": {"name": name}} for name in families() if is_engine(name)
}


@pytest.mark.parametrize("training", TRAININGS)
def test_every_metric_has_words_and_the_unit_and_direction_that_are_declared(training):
    declared = declaration(TRAININGS[training])
    for metrics in (declared.metrics, *declared.layout_metrics.values()):
        for name, metric in metrics.items():
            split, _, rest = name.partition("_")
            quantity = QUANTITIES[rest if split in SPLITS else name]
            # The squared error of the autoencoder is called a loss as well; its figure names its own axis.
            unit = "nats" if (training, rest) == ("numpy-autoencoder", "loss") else metric.unit
            assert quantity.unit == ("%" if unit in (SHARE, DIFFERENCE) else unit), name
            assert quantity.proportion == (unit == SHARE), name
            assert metric.better in (quantity.better, "neither"), name
