"""Made-up results of nist36: noise for pictures, random readings, flat curves."""

import numpy as np
from fabricated_parts import over, random_readings, write_given_weights, write_metrics, write_noise, write_table
from rework import paths
from rework.datasets import cifar_10, flowers17, nist36
from rework.datasets.text_pages import small_picture
from rework.evaluation.archive import write_npz
from rework.files import sha256_file
from rework.handwriting.author_network import SHAPES as AUTHOR_SHAPES
from rework.handwriting.listing import find_letters_as_listed
from rework.handwriting.pages import read_page
from rework.paths import reading_file
from rework.recorded import read_record, write_record
from rework.samples.photographs import PAGES, draw_page
from rework.samples.scenes8 import CLASSES as SCENES
from rework.settings.plain import plain
from safetensors.numpy import save_file

SHAPES = {
    "nist36": ((1, 32, 32), nist36.CLASSES),
    "cifar-10": ((3, 32, 32), cifar_10.CLASSES),
    "scenes8": ((3, 16, 16), SCENES),
    "flowers17": ((3, 16, 16), flowers17.CLASSES),
}
SEED, EPOCHS, COUNT = 11, 4, 72


def prepare(results, _catalogue, sample, generator):
    """Write all data sets, pages and pretrained weights."""
    for name, (shape, classes) in SHAPES.items():
        write_noise(results, name, sample, generator, shape, classes, COUNT)
    _pages(results, sample)
    _weights(results, sample)


def _pages(results, sample):
    """Write the pages of the sample, actually read."""
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
            "listed_boxes": find_letters_as_listed(pictures[name]).tolist(),
            "lines": [[list(word.boxes) for word in line.words] for line in page.lines],
        }
        for name, page in found.items()
    ]
    np.save(folder / "crops.npy", np.concatenate([page.crops for page in found.values()]))
    outputs = {name: sha256_file(folder / name) for name in ("pictures.npz", "crops.npy")}
    info = {"name": "photographs", "sample": sample, "assets": [], "notes": [], "pages": described}
    info["provenance"] = {"outputs": outputs}
    write_record(folder / "dataset.json", info)


def _weights(results, sample):
    random = np.random.default_rng(SEED)
    author = {name: random.normal(size=shape).astype(np.float32) for name, shape in AUTHOR_SHAPES.items()}
    given = {"squeezenet-1-1": {"features.0.weight": np.zeros((1, 1), np.float32)}, "nist36-author-network": author}
    for asset, arrays in given.items():
        write_given_weights(results, asset, sample, arrays)


def write_run(folder, settings, dataset, generator):
    """Write a run of random readings, of pages too if it reads characters."""
    readings = random_readings(dataset.splits["test"].targets, len(dataset.classes), generator, 0.5)
    test = float((readings["predictions"] == readings["targets"]).mean())
    if settings.run == "autoencoder":
        readings = {"examples": np.arange(COUNT), "reconstructions": generator.random((COUNT, 1024))}
    write_npz(folder / "predictions.npz", readings)
    values = {"train_accuracy": test + 0.1, "validation_accuracy": test, "test_accuracy": test, "psnr": 12 + test}
    write_metrics(folder, over(COUNT, values | {"train_loss": 30.0}))
    content = {"precision": "fp32", "settings": plain(settings), "steps": 3 * EPOCHS, "parameters": 5}
    write_record(folder / "provenance.json", content)
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
    write_table(folder / "history.csv", rows)
    tensors = {"layer1.weight": (1024, 64), "initial.layer1.weight": (1024, 64), "words": (20, 48)}
    save_file({name: generator.normal(size=shape) for name, shape in tensors.items()}, folder / "weights.safetensors")
    if settings.data.dataset == "nist36":
        _reading(folder.parents[3], settings, generator)


def _reading(results, settings, generator):
    """Write what a run reads in the letters of all pages."""
    pages = read_record(paths.dataset_dir(results, "photographs") / "dataset.json")["pages"]
    letters = sum(len(page["boxes"]) for page in pages)
    path = reading_file(results, "photographs", settings.id, settings.seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_npz(path, {"log_probabilities": generator.normal(size=(letters, len(nist36.CLASSES))).astype(np.float32)})
    write_record(path.with_suffix(".json"), {"provenance": {"outputs": {path.name: sha256_file(path)}}})
