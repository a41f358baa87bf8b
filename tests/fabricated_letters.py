"""Made-up results of the OCR writeup: a few drawn words, and runs that read them wrong at random."""

import numpy as np
from fabricated_metrics import write_metrics
from rework import paths
from rework.datasets import ocr_letters
from rework.datasets.store import open_dataset, write_dataset
from rework.evaluation.archive import write_npz
from rework.evaluation.metrics import accuracy, word_accuracy
from rework.files import write_text
from rework.samples.ocr_letters import generate
from rework.settings.data import DatasetSettings
from safetensors.numpy import save_file


def fabricate_letters(results, catalogue, edition, words=150):
    """Write the data set and every run of the writeup below ``results``."""
    generator = np.random.default_rng(5)
    options = {"words": words}
    settings = DatasetSettings("ocr-letters", edition == "sample", (), options, layout="words")
    raw = paths.raw_dir(results, "ocr-letters")
    raw.mkdir(parents=True)
    generate(raw, 2, options)
    folder = paths.dataset_dir(results, "ocr-letters")
    write_dataset(folder, ocr_letters.read(raw, settings), settings)
    dataset = open_dataset(folder)
    for owner, run, seed in catalogue.run_ids(edition, "ocr"):
        target = paths.run_dir(results, owner, run, seed)
        target.mkdir(parents=True)
        _run(target, dataset, generator)


def _run(folder, dataset, generator):
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
    rows = [f"{k},{40 * k},{2 / k},{0.5 + k / 20},\n" for k in (1, 2, 3)]
    write_text(folder / "history.csv", "epoch,steps,train_loss,validation_accuracy,test_accuracy\n" + "".join(rows))
    arrays = {"probabilities": probabilities, "predictions": labels, "targets": np.asarray(split.targets)}
    write_npz(folder / "predictions.npz", arrays)
    shapes = {
        "convolutions.0.0.weight": (16, 1, 5, 5),
        "convolutions.1.0.weight": (32, 16, 7, 7),
        "crf.transitions": (26, 26),
    }
    tensors = {name: generator.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    save_file(tensors, folder / "weights.safetensors")
