"""Predictions and activations against the model itself, and the step that writes them."""

import argparse
import csv
import shutil

import numpy as np
import pytest
import torch
from rework.datasets.store import open_dataset
from rework.errors import ConfigError, DataError
from rework.evaluation.archive import write_npz
from rework.files import sha256_file
from rework.models import fashion_cnn, feedforward
from rework.models.trained import load_trained
from rework.paths import checkpoint_file, run_dir
from rework.settings.run import CaptureSettings, DataSettings, ModelSettings
from rework.steps import evaluate
from rework.steps import train as train_step
from rework.training.batches import load_split
from rework.training.capturing import capture_activations
from rework.training.prediction import predict
from sklearn.metrics import accuracy_score, log_loss
from tiny_runs import a_run, read_json, write_tiny_dataset

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def split(tmp_path_factory):
    dataset = open_dataset(write_tiny_dataset(tmp_path_factory.mktemp("results"), examples=300))
    return load_split(dataset, DataSettings("tiny"), CPU, False, "train")


@pytest.mark.parametrize("family", [fashion_cnn, feedforward])
def test_predictions_are_the_models_without_dropout_and_in_order(split, family):
    model = family.build(dropout=0.5)
    model.train()
    predicted = predict(model, split).log_probabilities
    assert model.training
    with torch.no_grad():
        expected = model.eval()(split.take(slice(None))[0]).log_softmax(1)
    assert predicted.shape == (300, 10)
    np.testing.assert_allclose(predicted, expected.numpy(), atol=1e-5)


def test_captured_activations_are_the_layers_outputs(split):
    model = fashion_cnn.build()
    captured = capture_activations(model, split, CaptureSettings(("block1.convolution", "block2"), (5, 2)))
    images = split.take(torch.tensor([5, 2]))[0]
    with torch.no_grad():
        np.testing.assert_allclose(captured["block1.convolution"], model.block1.convolution(images), atol=1e-6)
        np.testing.assert_allclose(captured["block2"], model.block2(model.block1(images)), atol=1e-6)
    assert captured["block2"].shape == (2, 32, 6, 6)
    assert not any(module._forward_hooks for module in model.modules())
    assert capture_activations(model, split, CaptureSettings()) == {}


@pytest.mark.parametrize(
    ("capture", "message"),
    [
        (
            CaptureSettings(("block1.convolutoin",), (0,)),
            r"no layer 'block1\.convolutoin'; the nearest is 'block1\.convolution'; it has block1, ",
        ),
        (CaptureSettings(("block1",), (300,)), "no image 300; the test split has images 0 to 299"),
    ],
)
def test_wrong_captures_are_refused(split, capture, message):
    with pytest.raises(ConfigError, match=message):
        capture_activations(fashion_cnn.build(), split, capture)


def test_archives_are_read_by_numpy_and_hold_no_time(tmp_path):
    arrays = {"a": np.arange(6).reshape(2, 3).T, "activation/b.c": np.float32([[1.5]])}
    for name in ("one.npz", "two.npz"):
        write_npz(tmp_path / name, arrays)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert b"\x00\x00\x21\x00" in (tmp_path / "one.npz").read_bytes(), "1980-01-01 as zip writes it"
    with np.load(tmp_path / "one.npz") as loaded:
        assert set(loaded) == set(arrays)
        for name, array in arrays.items():
            assert np.array_equal(loaded[name], array)
            assert loaded[name].dtype == array.dtype


def run_main(step, settings, results, *options):
    parser = argparse.ArgumentParser()
    parser.set_defaults(step="test")
    step.add_arguments(parser)
    arguments = ["--settings", settings.to_json(), "--results", str(results), "--device", "cpu", *options]
    step.main(parser.parse_args(arguments))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return a results folder with a trained run, and its settings."""
    results = tmp_path_factory.mktemp("trained")
    write_tiny_dataset(results)
    settings = a_run(epochs=1, capture=CaptureSettings(("block1.convolution",), (0, 3)))
    run_main(train_step, settings, results)
    return results, settings


def test_training_writes_its_results_with_provenance(trained):
    results, settings = trained
    directory = run_dir(results, "tests", "cnn", 0)
    provenance = read_json(directory / "provenance.json")
    assert settings == type(settings).from_json(provenance["settings"])
    assert provenance["inputs"] == {"data/tiny/dataset.json": sha256_file(results / "data/tiny/dataset.json")}
    assert provenance["outputs"] == {
        name: sha256_file(directory / name) for name in ("weights.safetensors", "history.csv", "probes.csv")
    }
    assert provenance["steps"] == 13
    assert provenance["precision"] == "fp32"
    assert provenance["parameters"] == sum(layer["parameters"] for layer in provenance["layers"])
    assert not checkpoint_file(results, "tests", "cnn", 0).exists()


def test_evaluation_measures_what_it_stores(trained):
    results, settings = trained
    directory = run_dir(results, "tests", "cnn", 0)
    run_main(evaluate, settings, results)
    metrics = read_json(directory / "metrics.json")
    with np.load(directory / "predictions.npz") as stored:
        probabilities, predictions, targets = (stored[name] for name in ("probabilities", "predictions", "targets"))
        assert stored["activation/block1.convolution"].shape == (2, 16, 28, 28)
        assert stored["captured_images"].tolist() == [0, 3]
    assert np.array_equal(targets, open_dataset(results / "data/tiny").splits["test"].targets)
    assert np.array_equal(predictions, probabilities.argmax(axis=1))
    assert metrics["metrics"]["test_accuracy"] == {"value": accuracy_score(targets, predictions), "n": 41}
    exact = probabilities.astype(float) / probabilities.sum(axis=1, keepdims=True, dtype=float)
    assert exact == pytest.approx(probabilities, rel=1e-5)
    assert metrics["metrics"]["test_loss"]["value"] == pytest.approx(
        log_loss(targets, exact, labels=range(10)), rel=1e-5
    )
    with (directory / "history.csv").open(newline="") as text:
        last = list(csv.DictReader(text))[-1]
    assert metrics["metrics"]["validation_loss"]["value"] == float(last["validation_loss"])
    assert metrics["metrics"]["validation_accuracy"] == {"value": float(last["validation_accuracy"]), "n": 37}
    assert last["test_accuracy"] == ""
    assert metrics["provenance"]["outputs"]["predictions.npz"] == sha256_file(directory / "predictions.npz")


def test_evaluating_twice_gives_the_same_bytes(trained):
    results, settings = trained
    files = [run_dir(results, "tests", "cnn", 0) / name for name in ("metrics.json", "predictions.npz")]
    contents = []
    for _ in range(2):
        run_main(evaluate, settings, results)
        contents.append([path.read_bytes() for path in files])
    assert contents[0] == contents[1]


def test_weights_that_are_missing_damaged_or_another_models(trained, tmp_path):
    results, settings = trained
    with pytest.raises(DataError, match="train tests/cnn seed 1 first"):
        run_main(evaluate, a_run(seed=1), results)
    weights = run_dir(results, "tests", "cnn", 0) / "weights.safetensors"
    with pytest.raises(DataError, match="not the weights of feedforward"):
        load_trained(a_run(model=ModelSettings("feedforward")), weights)
    copy = tmp_path / "copy" / weights.name
    shutil.copytree(weights.parent, copy.parent)
    damaged = bytearray(copy.read_bytes())
    damaged[-3] ^= 1
    copy.write_bytes(damaged)
    with pytest.raises(DataError, match=r"not the one in provenance\.json, so it was changed after it was made"):
        load_trained(settings, copy)
    (copy.parent / "provenance.json").unlink()
    with pytest.raises(DataError, match="no record beside it holds its SHA-256"):
        load_trained(settings, copy)


def test_settings_of_something_else_are_refused(tmp_path):
    parser = argparse.ArgumentParser()
    parser.set_defaults(step="train")
    train_step.add_arguments(parser)
    with pytest.raises(ConfigError, match=r"train: --settings: key model\.name: missing; expected a text"):
        train_step.main(parser.parse_args(["--settings", '{"model": {}}', "--results", str(tmp_path)]))
    with pytest.raises(ConfigError, match="'cnn' is not of the form <writeup>/<run>"):
        train_step.main(parser.parse_args(["cnn"]))
