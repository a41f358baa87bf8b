"""Recipes with metrics other than accuracies, as measured by a task without classes."""

import pytest
from fabricated_parts import over, record_outputs, write_metrics, write_table
from rework import paths
from rework.artefacts.context import ArtefactContext
from rework.artefacts.quantities import QUANTITIES, Quantity
from rework.artefacts.recipes.accuracy_table import accuracy_table
from rework.artefacts.recipes.learning_curves import learning_curve, learning_curves, split_curves
from rework.artefacts.recipes.probe_curves import probe_curves
from rework.errors import DataError
from rework.files import read_json
from rework.recorded import write_record
from rework.settings.artefact import ArtefactSettings, RunReference

RUNS = (RunReference("one", "one layer", "points", (0, 1), 3), RunReference("two", "two layers", "points", (0,), 3))


@pytest.fixture(autouse=True)
def quantity(monkeypatch):
    """Register a quantity in metres of which lower is better."""
    monkeypatch.setitem(QUANTITIES, "distance", Quantity("distance", "m", "lower"))


@pytest.fixture
def context(tmp_path):
    """Return the context of an artefact of two runs, which measured a distance that falls."""
    for number, run in enumerate(RUNS):
        for seed in run.seeds:
            folder = paths.run_dir(tmp_path, "tests", run.run, seed)
            folder.mkdir(parents=True)
            write_metrics(folder, over(40, {"test_distance": 0.5 + number + seed / 10, "spread": 7.0}))
            history = [
                {"epoch": k, "steps": k, "train_distance": 4 - k, "validation_distance": v, "test_distance": 1 / k}
                for k, v in zip((1, 2, 3), (3.0, 1.0, 2.0), strict=True)
            ]
            write_table(folder / "history.csv", history)
            probes = [{"steps": k, "batch_loss": 1 / k, "train_distance": k, "test_distance": 2.0} for k in (1, 2)]
            write_table(folder / "probes.csv", probes)
            record_outputs(folder)
    return ArtefactContext(ArtefactSettings("tests/x", "figure", "", "", runs=RUNS), tmp_path)


def test_a_table_of_a_metric_that_falls(context):
    built = accuracy_table(context, title="Distance by depth", examples="points", metrics=("test_distance", "spread"))
    assert built.caption.startswith("Distance by depth after 3 epochs, on 40 points: as published and in this build.")
    assert [(value.label, value.unit) for value in built.values] == [
        ("one layer", "m"),
        ("one layer, spread", ""),
        ("two layers", "m"),
        ("two layers, spread", ""),
    ]
    assert built.facts["best"] == "one layer"
    assert built.facts["spread"] == pytest.approx(0.95)
    # The validation split was not measured.
    assert built.data["validation"].fillna(0).tolist() == [0, 7.0, 0, 7.0]
    # No sampling error is known of a distance.
    assert [value.estimate.interval for value in built.values] == ["t", "t", "none", "none"]


def test_a_metric_that_was_not_measured_is_named(context):
    with pytest.raises(DataError, match="tests/x: run one has no metric 'test_accuracy', only spread, test_distance"):
        accuracy_table(context, title="Accuracy")


def test_curves_of_a_metric_that_falls(context):
    curve = learning_curve(context, column="train_distance")
    assert curve.caption == (
        "Training distance over 3 epochs; mean of 2 seeds, band from the smallest to the greatest. It goes from 3.000 "
        "to 1.000."
    )
    assert curve.figure.axes[0].get_ylabel() == "training distance (m)"
    both = learning_curves(context, columns=("train_distance", "validation_distance"))
    best = {"train_distance": 3, "validation_distance": 2}
    assert both.facts["best_epoch"] == {f"{run} {name}": k for run in ("one", "two") for name, k in best.items()}
    assert "mean of 1 or 2 seeds" in both.caption
    split = split_curves(context, quantities=("distance",), metrics=("train_distance", "test_distance"))
    assert [value.label for value in split.values[:2]] == [
        "one layer, training distance of the last epoch",
        "one layer, test distance",
    ]
    assert [value.estimate.mean for value in split.values] == pytest.approx([1, 0.55, 1, 1.5])
    assert split.facts["one distance"] == {"last": 2.0, "best": 1.0, "best_epoch": 2}
    assert [axes.get_ylabel() for axes in split.figure.axes] == ["distance (m)"] * 2
    assert [axes.get_title(loc="left") or axes.get_title() for axes in split.figure.axes] == ["one layer", "two layers"]


def test_the_mean_since_the_start_is_drawn_beside_that_of_each_epoch(context):
    curve = learning_curve(context, column="train_distance", since_start=True)
    assert curve.caption.endswith(
        "It goes from 3.000 to 1.000, and the mean over all updates since the start to 2.000."
    )
    assert curve.data[["epoch", "seed0", "mean"]].values.tolist() == [
        *([1, 3.0, "of the epoch"], [2, 2.0, "of the epoch"], [3, 1.0, "of the epoch"]),
        *([1, 3.0, "since the start"], [2, 2.5, "since the start"], [3, 2.0, "since the start"]),
    ]
    assert curve.facts == {"first": 3.0, "last": 1.0, "last_since_start": 2.0, "best_epoch": 3}


def test_probes_of_a_metric_that_falls(context):
    built = probe_curves(context, metric="distance")
    assert "the whole test set ends at 0.333." in built.caption
    assert "has a standard deviation of 0.000 m around its mean" in built.caption
    assert built.figure.axes[1].get_ylabel() == "distance (m)"
    assert set(built.data["what"]) == {
        *("batch_loss of a probe", "train_distance of a probe", "test_distance of a probe"),
        "test_distance of the whole test set",
    }


def test_units_that_older_code_did_not_record_are_those_of_the_quantities(context):
    assert context.units("one") == {"test_distance": "", "spread": ""}, "as recorded"
    for seed in RUNS[0].seeds:
        folder = paths.run_dir(context.results, "tests", "one", seed)
        record = read_json(folder / "metrics.json")
        write_record(
            folder / "metrics.json", {"metrics": {**record["metrics"], "test_accuracy": {"value": 0.5, "n": 40}}}
        )
        record_outputs(folder)
    assert context.units("one") == {"test_distance": "m", "spread": "", "test_accuracy": "share"}
