"""Made-up results of fashion-captions: small, wrong on purpose, and complete enough for every artefact."""

import numpy as np
from fabricated_parts import over, write_metrics, write_noise, write_table
from rework import paths
from rework.evaluation.archive import write_npz
from rework.recorded import write_record
from safetensors.numpy import save_file

SEED, EPOCHS, COUNT = 0, 3, 20
LAYERS = {
    "block1.convolution": (16, 28, 28),
    "block1.activation": (16, 28, 28),
    "block1.pooling": (16, 14, 14),
    "block2.convolution": (32, 12, 12),
    "block2.activation": (32, 12, 12),
    "block2.pooling": (32, 6, 6),
}


def prepare(results, _catalogue, sample, generator):
    """Write the data set and the described models."""
    write_noise(results, "fashion-mnist", sample, generator, (1, 28, 28), [f"class {k}" for k in range(10)], COUNT)
    _models(results, "fashion-captions")


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
        write_record(paths.model_description(results, writeup, name), content)


def write_run(folder, _settings, dataset, generator):
    """Write a run that takes every class for the next one."""
    accuracy = float(generator.uniform(0.5, 0.9))
    values = {"test_accuracy": accuracy, "validation_accuracy": accuracy + 0.01, "test_loss": 0.4, "train_loss": 0.3}
    write_metrics(folder, over(COUNT, values))
    epochs = range(1, EPOCHS + 1)
    rows = [{"epoch": k, "train_loss": 2 / k, "validation_accuracy": 0.5 + k / 20} for k in epochs]
    write_table(folder / "history.csv", rows)
    arrays = {f"activation/{name}": generator.standard_normal((1, *shape)) for name, shape in LAYERS.items()}
    truth = np.asarray(dataset.splits["test"].targets)
    write_npz(
        folder / "predictions.npz",
        {"captured_images": np.array([0]), "targets": truth, "predictions": (truth + 1) % 10, **arrays},
    )
    weights = {"block1.convolution.weight": (16, 1, 3, 3), "block2.convolution.weight": (32, 16, 3, 3)}
    save_file(
        {name: generator.standard_normal(shape).astype(np.float32) for name, shape in weights.items()},
        folder / "weights.safetensors",
    )
