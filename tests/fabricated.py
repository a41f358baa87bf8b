"""Made-up results of the fashion-captions writeup: small, wrong on purpose, and complete enough for every artefact."""

import numpy as np
from fabricated_metrics import write_metrics
from rework import paths
from rework.datasets.store import RawSplits, write_dataset
from rework.evaluation.archive import write_npz
from rework.files import sha256_file, write_json, write_text
from rework.settings.data import DatasetSettings
from safetensors.numpy import save_file

LAYERS = {
    "block1.convolution": (16, 28, 28),
    "block1.activation": (16, 28, 28),
    "block1.pooling": (16, 14, 14),
    "block2.convolution": (32, 12, 12),
    "block2.activation": (32, 12, 12),
    "block2.pooling": (32, 6, 6),
}


def fabricate(results, catalogue, edition, writeup="fashion-captions"):
    """Write a data set, model descriptions and runs below ``results``."""
    generator = np.random.default_rng(0)
    info = _dataset(results, edition == "sample", generator)
    _models(results, writeup)
    for owner, run, seed in catalogue.run_ids(edition, writeup):
        folder = paths.run_dir(results, owner, run, seed)
        folder.mkdir(parents=True)
        _run(folder, info, generator)


def _dataset(results, sample, generator):
    def split(count):
        return (
            generator.integers(0, 256, (count, 1, 28, 28), dtype=np.uint8),
            np.arange(count, dtype=np.int64) % 10,
        )

    raw = RawSplits(
        {name: split(20) for name in ("train", "validation", "test")}, tuple(f"class {k}" for k in range(10))
    )
    folder = paths.dataset_dir(results, "fashion-mnist")
    write_dataset(folder, raw, DatasetSettings("fashion-mnist", sample, ()))
    return folder / "dataset.json"


def _layer(name, kind, detail, before, after, count):
    shapes = {"input_shape": before, "output_shape": after}
    return {"name": name, "type": kind, "detail": detail, **shapes, "parameters": count, "tensors": []}


def _models(results, writeup):
    convolution = [
        _layer("convolution", "Conv2d", "5×5, stride 1, padding 0", [3, 28, 28], [8, 24, 24], 608),
        _layer("pooling", "MaxPool2d", "4×4, stride 2, padding 0", [8, 24, 24], [8, 11, 11], 0),
        _layer("output", "Linear", "968 → 10", [968], [10], 9690),
    ]
    linear = [
        _layer("hidden.affine1", "Linear", "2352 → 100", [2352], [100], 235300),
        _layer("output", "Linear", "100 → 10", [100], [10], 1010),
    ]
    for name, layers in (("single-conv", convolution), ("feedforward", linear)):
        total = sum(layer["parameters"] for layer in layers)
        content = {"model": {}, "input_shape": [3, 28, 28], "layers": layers, "parameters": total}
        write_json(paths.model_description(results, writeup, name), content)


def _run(folder, info, generator):
    accuracy = float(generator.uniform(0.5, 0.9))
    values = {"test_accuracy": accuracy, "validation_accuracy": accuracy + 0.01, "test_loss": 0.4}
    measured = {name: (value, 20) for name, value in values.items()}
    write_metrics(folder, measured, dataset={"sha256": sha256_file(info)})
    write_text(
        folder / "history.csv",
        "epoch,train_loss,validation_accuracy\n" + "".join(f"{k},{2 / k},{0.5 + k / 20}\n" for k in (1, 2, 3)),
    )
    arrays = {f"activation/{name}": generator.standard_normal((1, *shape)) for name, shape in LAYERS.items()}
    truth = np.arange(20) % 10
    write_npz(
        folder / "predictions.npz",
        {"captured_images": np.array([0]), "targets": truth, "predictions": (truth + 1) % 10, **arrays},
    )
    weights = {"block1.convolution.weight": (16, 1, 3, 3), "block2.convolution.weight": (32, 16, 3, 3)}
    save_file(
        {name: generator.standard_normal(shape).astype(np.float32) for name, shape in weights.items()},
        folder / "weights.safetensors",
    )
