"""Made-up results of ocr: a few drawn words, and runs that read them wrong at random."""

import numpy as np
from fabricated_parts import write_metrics, write_table
from rework import paths
from rework.datasets import ocr_author_curves, ocr_letters, tables
from rework.datasets.store import write_dataset
from rework.evaluation.archive import write_npz
from rework.evaluation.metrics import accuracy, word_accuracy
from rework.samples import ocr_author_curves as drawn_curves
from rework.samples.ocr_letters import generate
from rework.settings.data import DatasetSettings
from safetensors.numpy import save_file

SEED, EPOCHS, WORDS = 5, 3, 150


def prepare(results, _catalogue, sample, _generator):
    """Write the data set of a few drawn words, and curves in place of the author's."""
    options = {"words": WORDS}
    settings = DatasetSettings("ocr-letters", sample, (), options, layout="words")
    raw = paths.raw_dir(results, "ocr-letters")
    raw.mkdir(parents=True)
    generate(raw, 2, options)
    write_dataset(paths.dataset_dir(results, "ocr-letters"), ocr_letters.read(raw, settings), settings)
    settings = DatasetSettings("ocr-author-curves", sample, (), layout="table")
    raw = paths.raw_dir(results, settings.name)
    drawn_curves.generate(raw, SEED, {})
    tables.write_dataset(paths.dataset_dir(results, settings.name), ocr_author_curves.read(raw, settings), settings)


def write_run(folder, _settings, dataset, generator):
    """Write a run that reads about nine of ten letters correctly."""
    split = dataset.splits["test"]
    probabilities = generator.dirichlet(np.full(26, 0.1), len(split.targets)) * 0.4
    probabilities[np.arange(len(split.targets)), split.targets] += 0.6 * (generator.random(len(split.targets)) < 0.9)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    labels = probabilities.argmax(axis=1)
    letters, words = accuracy(labels, split.targets), word_accuracy(labels, split.targets, split.offsets)
    metrics = {}
    for name in ("validation", "test"):
        metrics[f"{name}_accuracy"] = (letters, len(split.targets))
        metrics[f"{name}_word_accuracy"] = (words, len(split.offsets) - 1)
    write_metrics(folder, metrics)
    epochs = range(1, EPOCHS + 1)
    rows = [{"epoch": k, "steps": 40 * k, "train_loss": 2 / k, "validation_accuracy": 0.5 + k / 20} for k in epochs]
    write_table(folder / "history.csv", rows)
    arrays = {"probabilities": probabilities, "predictions": labels, "targets": np.asarray(split.targets)}
    write_npz(folder / "predictions.npz", arrays)
    shapes = {
        "convolutions.0.0.weight": (16, 1, 5, 5),
        "convolutions.1.0.weight": (32, 16, 7, 7),
        "crf.transitions": (26, 26),
    }
    tensors = {name: generator.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    save_file(tensors, folder / "weights.safetensors")
