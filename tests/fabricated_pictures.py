"""Made-up results of the MNIST and CIFAR-10 writeup: noise for pictures, fresh networks, random readings."""

import csv
import io

import numpy as np
from fabricated_metrics import write_metrics
from rework import paths
from rework.datasets import cifar_10, mnist
from rework.datasets.store import RawSplits, open_dataset, write_dataset
from rework.evaluation.archive import write_npz
from rework.files import write_json, write_text
from rework.models.building import build_model
from rework.models.description import describe_layers, parameter_count
from rework.settings.data import DatasetSettings
from rework.settings.plain import plain
from safetensors.torch import save_file

SHAPES = {"mnist": ((1, 28, 28), mnist.CLASSES), "cifar-10": ((3, 32, 32), cifar_10.CLASSES)}


def fabricate_pictures(results, catalogue, edition):
    """Write both data sets, the described models and every run of the writeup below ``results``."""
    generator = np.random.default_rng(7)
    for name, (shape, classes) in SHAPES.items():
        write_dataset(
            paths.dataset_dir(results, name),
            RawSplits({split: _split(generator, shape) for split in ("train", "validation", "test")}, tuple(classes)),
            DatasetSettings(name, edition == "sample", ()),
        )
    for owner, name in catalogue.model_ids():
        if owner == "mnist-cifar":
            model = build_model(catalogue.model(owner, name))
            layers = [plain(layer) for layer in describe_layers(model)]
            content = {"layers": layers, "parameters": parameter_count(model)}
            write_json(paths.model_description(results, owner, name), content)
    for owner, run, seed in catalogue.run_ids(edition, "mnist-cifar"):
        settings = catalogue.run(edition, owner, run, seed)
        folder = paths.run_dir(results, owner, run, seed)
        folder.mkdir(parents=True)
        dataset = open_dataset(paths.dataset_dir(results, settings.data.dataset))
        _run(folder, settings, dataset, generator)


def _split(generator, shape, count=60):
    return generator.integers(0, 256, (count, *shape), dtype=np.uint8), np.arange(count, dtype=np.int64) % 10


def _run(folder, settings, dataset, generator):
    save_file(build_model(settings.model).state_dict(), folder / "weights.safetensors")
    targets = np.asarray(dataset.splits["test"].targets)
    probabilities = generator.dirichlet(np.full(10, 0.3), len(targets))
    probabilities[np.arange(len(targets)), targets] += generator.random(len(targets))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    labels = probabilities.argmax(axis=1)
    arrays = {"probabilities": probabilities, "predictions": labels, "targets": targets}
    write_npz(folder / "predictions.npz", arrays)
    test = float((labels == targets).mean())
    values = {"train_accuracy": test + 0.1, "validation_accuracy": test, "test_accuracy": test}
    values |= {"generalisation_gap": 0.1, "small_weights_share": float(generator.random())}
    write_metrics(folder, {name: (value, 60) for name, value in values.items()})
    number_format = "fp32" if "fp32" in settings.run else "bf16"
    write_json(folder / "provenance.json", {"precision": number_format, "settings": plain(settings)})
    epochs = [{"epoch": k, "steps": 40 * k, "test_accuracy": 0.3 + k / 10, "l2_loss": 0.01} for k in (1, 2, 3)]
    write_text(folder / "history.csv", _table(epochs))
    probes = [
        {"steps": 10 * k, "batch_loss": 2 / k, "train_accuracy": 0.4 + k / 40, "test_accuracy": 0.3 + (k % 5) / 50}
        for k in range(1, 13)
    ]
    write_text(folder / "probes.csv", _table(probes))


def _table(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
