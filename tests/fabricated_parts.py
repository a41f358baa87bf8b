"""Parts of the made-up results of several writeups: noise for pictures, random readings, tables."""

import csv
import io

import numpy as np
from rework import paths
from rework.datasets.store import RawSplits, write_dataset
from rework.files import sha256_file, write_text
from rework.recorded import read_record, write_record
from rework.settings.data import DatasetSettings
from safetensors.numpy import save_file


def write_noise(results, name, sample, generator, shape, classes, count):
    """Write a data set of ``count`` random pictures of a shape in each split, of one class after the other."""
    splits = {
        split: (
            generator.integers(0, 256, (count, *shape), dtype=np.uint8),
            np.arange(count, dtype=np.int64) % len(classes),
        )
        for split in ("train", "validation", "test")
    }
    write_dataset(
        paths.dataset_dir(results, name), RawSplits(splits, tuple(classes)), DatasetSettings(name, sample, ())
    )


def random_readings(targets, classes, generator, bonus):
    """Return the arrays of ``predictions.npz`` with random probabilities, raised by up to ``bonus`` for the truth."""
    targets = np.asarray(targets)
    probabilities = generator.dirichlet(np.full(classes, 0.3), len(targets))
    probabilities[np.arange(len(targets)), targets] += bonus * generator.random(len(targets))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return {"probabilities": probabilities, "predictions": probabilities.argmax(axis=1), "targets": targets}


def write_metrics(folder, values, **others):
    """Write ``metrics.json``: values with the number of items behind each, and the unit that a task would declare."""
    units = {name: "share" if name.endswith(("accuracy", "share")) else "" for name in values}
    metrics = {name: {"value": value, "n": count} for name, (value, count) in values.items()}
    write_record(folder / "metrics.json", {"metrics": metrics, "units": units, **others})


def over(count, values):
    """Return values as means over the same number of examples, as ``write_metrics`` takes them."""
    return {name: (value, count) for name, value in values.items()}


def write_table(path, rows):
    """Write dictionaries as a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def record_outputs(folder):
    """Let the records of a made-up run hold the hashes of its files, as those of a true one do."""
    for record, names in (("provenance.json", paths.TRAINED_FILES), ("metrics.json", ("predictions.npz",))):
        content = read_record(folder / record) if (folder / record).is_file() else {}
        outputs = {name: sha256_file(folder / name) for name in names if (folder / name).is_file()}
        if record == "provenance.json":
            write_record(folder / record, {**content, "outputs": outputs})
        else:
            write_record(folder / record, {**content, "provenance": {"outputs": outputs}})


def write_given_weights(results, asset, sample, arrays):
    """Write pretrained weights, arrays by name, with their description."""
    path = paths.initial_weights_file(results, asset)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(arrays, path)
    outputs = {path.name: sha256_file(path)}
    content = {"name": asset, "sample": sample, "assets": [], "provenance": {"outputs": outputs}}
    write_record(path.with_suffix(".json"), content)
