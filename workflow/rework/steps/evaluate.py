"""Step ``evaluate``: measure a trained run on all splits, as they are, without dropout and augmentation."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from rework.datasets.store import SPLITS, StoredDataset, open_dataset
from rework.evaluation.archive import write_npz
from rework.evaluation.capturing import capture_activations
from rework.evaluation.metrics import accuracy, word_accuracy
from rework.evaluation.predicting import Predictions, predict
from rework.evaluation.weights import small_weights
from rework.files import sha256_file, write_json
from rework.models.description import parameter_count
from rework.models.trained import load_trained
from rework.paths import dataset_dir, run_dir
from rework.provenance import code_fingerprint, packages_hash
from rework.settings.run import RunSettings
from rework.steps.arguments import results_dir
from rework.steps.device_arguments import add_device_arguments, chosen_device
from rework.steps.run_arguments import add_run_arguments, run_settings
from rework.training.batches import load_split
from rework.training.determinism import make_deterministic
from rework.training.precision import choose_number_format


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_run_arguments(parser)
    add_device_arguments(parser)


def main(arguments: argparse.Namespace) -> None:
    """Write ``metrics.json`` and ``predictions.npz`` beside the weights of a run and seed."""
    with chosen_device(arguments) as device:
        _make(arguments, device)


def _make(arguments: argparse.Namespace, device: torch.device) -> None:
    settings = run_settings(arguments)
    results = results_dir(arguments)
    directory = run_dir(results, settings.writeup, settings.run, settings.seed)
    dataset = open_dataset(dataset_dir(results, settings.data.dataset))
    make_deterministic(settings.threads)
    model = load_trained(settings, directory / "weights.safetensors")
    # The layout in memory is the training's; the arithmetic is always fp32, whatever the training used.
    layout = choose_number_format(settings, model, device)
    layout.place(model, device)
    splits = {name: load_split(dataset, settings.data, device, layout.channels_last, name) for name in SPLITS}
    predictions = {name: predict(model, split) for name, split in splits.items()}
    test, targets = predictions["test"], dataset.splits["test"].targets
    activations = capture_activations(model, splits["test"], settings.capture)
    arrays = {
        "probabilities": np.exp(test.log_probabilities),
        "predictions": test.labels,
        "targets": np.asarray(targets),
        "captured_images": np.array(settings.capture.images, dtype=np.int64),
        **{f"activation/{layer}": array for layer, array in activations.items()},
    }
    write_npz(directory / "predictions.npz", arrays)
    metrics = _metrics(dataset, predictions) | _comparisons(model, predictions, dataset)
    _write_metrics(settings, dataset, metrics, parameter_count(model), results, directory)
    value = metrics["test_accuracy"]
    print(f"{settings.id} seed {settings.seed}: test accuracy {value['value']:.2%} of {value['n']}")


def _metrics(dataset: StoredDataset, predictions: dict[str, Predictions]) -> dict[str, dict[str, float | int]]:
    metrics: dict[str, dict[str, float | int]] = {}
    for name, found in predictions.items():
        split = dataset.splits[name]
        metrics[f"{name}_accuracy"] = {"value": accuracy(found.labels, split.targets), "n": len(split.targets)}
        metrics[f"{name}_loss"] = {"value": found.loss, "n": len(split.targets)}
        if split.offsets is not None:
            value = word_accuracy(found.labels, split.targets, split.offsets)
            metrics[f"{name}_word_accuracy"] = {"value": value, "n": len(split.offsets) - 1}
    return metrics


def _comparisons(
    model: nn.Module, predictions: dict[str, Predictions], dataset: StoredDataset
) -> dict[str, dict[str, float | int]]:
    """Return the gap of accuracy between training and test split, and the share of small weights."""
    train, test = (accuracy(predictions[name].labels, dataset.splits[name].targets) for name in ("train", "test"))
    small, count = small_weights(model)
    return {
        "generalisation_gap": {"value": train - test, "n": len(dataset.splits["test"].targets)},
        "small_weights_share": {"value": small / count, "n": count},
    }


def _write_metrics(
    settings: RunSettings,
    dataset: StoredDataset,
    metrics: dict[str, Any],
    parameters: int,
    results: Path,
    directory: Path,
) -> None:
    dataset_info = dataset_dir(results, settings.data.dataset) / "dataset.json"
    weights = directory / "weights.safetensors"
    write_json(
        directory / "metrics.json",
        {
            "run": settings.id,
            "seed": settings.seed,
            "metrics": metrics,
            "parameters": parameters,
            "dataset": {
                "name": dataset.name,
                "sha256": dataset.sha256,
                "sample": dataset.sample,
                "assets": dataset.info["assets"],
            },
            "provenance": {
                "step": "evaluate",
                "code": code_fingerprint("rework.steps.evaluate", settings.model.module),
                "packages": packages_hash("training"),
                "inputs": {
                    dataset_info.relative_to(results).as_posix(): dataset.sha256,
                    weights.relative_to(results).as_posix(): sha256_file(weights),
                },
                "outputs": {"predictions.npz": sha256_file(directory / "predictions.npz")},
            },
        },
    )
