"""Made-up results of the writeup on networks for recognition: noise for pictures, random readings, flat curves."""

import csv
import io

import numpy as np
from fabricated_metrics import write_metrics
from rework import paths
from rework.datasets import cifar_10, flowers17, nist36
from rework.datasets.store import RawSplits, open_dataset, write_dataset
from rework.datasets.text_pages import small_picture
from rework.evaluation.archive import write_npz
from rework.files import sha256_file, write_json, write_text
from rework.handwriting.pages import read_page
from rework.paths import reading_file
from rework.samples.photographs import PAGES, draw_page
from rework.samples.scenes8 import CLASSES as SCENES
from rework.settings.data import DatasetSettings
from rework.settings.plain import plain
from safetensors.numpy import save_file

SHAPES = {
    "nist36": ((1, 32, 32), nist36.CLASSES),
    "cifar-10": ((3, 32, 32), cifar_10.CLASSES),
    "scenes8": ((3, 16, 16), SCENES),
    "flowers17": ((3, 16, 16), flowers17.CLASSES),
}
COUNT = 72
EPOCHS = 4


def fabricate_characters(results, catalogue, edition):
    """Write all data sets, pages, weights and every run of the writeup below ``results``."""
    generator = np.random.default_rng(11)
    for name, (shape, classes) in SHAPES.items():
        splits = {split: _split(generator, shape, len(classes)) for split in ("train", "validation", "test")}
        settings = DatasetSettings(name, edition == "sample", ())
        write_dataset(paths.dataset_dir(results, name), RawSplits(splits, tuple(classes)), settings)
    letters = _pages(results, edition == "sample")
    _weights(results, edition == "sample")
    for owner, run, seed in catalogue.run_ids(edition, "nist36"):
        settings = catalogue.run(edition, owner, run, seed)
        folder = paths.run_dir(results, owner, run, seed)
        folder.mkdir(parents=True)
        dataset = open_dataset(paths.dataset_dir(results, settings.data.dataset))
        _run(folder, settings, dataset, generator)
        if settings.data.dataset == "nist36":
            scores = generator.normal(size=(letters, len(nist36.CLASSES))).astype(np.float32)
            path = reading_file(results, "photographs", settings.id, seed)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_npz(path, {"log_probabilities": scores})


def _split(generator, shape, classes):
    targets = np.arange(COUNT, dtype=np.int64) % classes
    return generator.integers(0, 256, (COUNT, *shape), dtype=np.uint8), targets


def _pages(results, sample):
    """Write the pages of the sample, truly read, and return the number of letters on them."""
    folder = paths.dataset_dir(results, "photographs")
    pictures = {name: draw_page(lines, np.random.default_rng(0)) for name, lines in PAGES.items()}
    found = {name: read_page(picture) for name, picture in pictures.items()}
    folder.mkdir(parents=True)
    write_npz(folder / "pictures.npz", {name: small_picture(picture) for name, picture in pictures.items()})
    described = [
        {
            "name": name,
            "height": pictures[name].shape[0],
            "width": pictures[name].shape[1],
            "truth": list(PAGES[name]),
            "boxes": page.boxes.tolist(),
            "lines": [[list(word.boxes) for word in line.words] for line in page.lines],
        }
        for name, page in found.items()
    ]
    info = {"name": "photographs", "sample": sample, "assets": [], "notes": [], "pages": described}
    write_json(folder / "dataset.json", info)
    return sum(len(page.boxes) for page in found.values())


def _weights(results, sample):
    path = paths.initial_weights_file(results, "squeezenet-1-1")
    path.parent.mkdir(parents=True)
    save_file({"features.0.weight": np.zeros((1, 1), np.float32)}, path)
    outputs = {path.name: sha256_file(path)}
    content = {"name": "squeezenet-1-1", "sample": sample, "assets": [], "provenance": {"outputs": outputs}}
    write_json(path.with_suffix(".json"), content)


def _run(folder, settings, dataset, generator):
    targets = np.asarray(dataset.splits["test"].targets)
    probabilities = generator.dirichlet(np.full(len(dataset.classes), 0.3), len(targets))
    probabilities[np.arange(len(targets)), targets] += generator.random(len(targets)) / 2
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    labels = probabilities.argmax(axis=1)
    arrays = {"probabilities": probabilities, "predictions": labels, "targets": targets}
    if settings.run == "autoencoder":
        arrays = {"examples": np.arange(COUNT), "reconstructions": generator.random((COUNT, 1024))}
    write_npz(folder / "predictions.npz", arrays)
    test = float((labels == targets).mean())
    values = {"train_accuracy": test + 0.1, "validation_accuracy": test, "test_accuracy": test, "psnr": 12 + test}
    values["train_loss"] = 30.0
    write_metrics(folder, {name: (value, COUNT) for name, value in values.items()})
    content = {"precision": "fp32", "settings": plain(settings), "steps": 3 * EPOCHS, "parameters": 5}
    write_json(folder / "provenance.json", content)
    rows = [
        {
            "epoch": k,
            "steps": 3 * k,
            "train_loss": 3 / k,
            "train_accuracy": 0.2 * k + 0.01 * settings.seed,
            "validation_loss": 3.5 / k,
            "validation_accuracy": 0.15 * k,
        }
        for k in range(1, EPOCHS + 1)
    ]
    write_text(folder / "history.csv", _table(rows))
    tensors = {"layer1.weight": (1024, 64), "initial.layer1.weight": (1024, 64), "words": (20, 48)}
    save_file({name: generator.normal(size=shape) for name, shape in tensors.items()}, folder / "weights.safetensors")


def _table(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
