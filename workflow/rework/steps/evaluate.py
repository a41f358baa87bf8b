"""Step ``evaluate``: measure a trained run as defined by its task, without dropout and augmentation."""

import argparse
import importlib

import torch

from rework.datasets.store import open_dataset
from rework.evaluation.archive import write_npz
from rework.models.description import parameter_count
from rework.models.trained import load_trained
from rework.paths import dataset_dir, run_dir
from rework.recorded import read_record
from rework.steps.arguments import results_dir
from rework.steps.device_arguments import add_device_arguments, on_device
from rework.steps.records import write_metrics
from rework.steps.run_arguments import add_run_arguments, run_settings
from rework.training.determinism import make_deterministic
from rework.training.precision import choose_number_format
from rework.training.tasks.task import load_task


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    add_run_arguments(parser)
    add_device_arguments(parser)


@on_device
def main(arguments: argparse.Namespace, device: torch.device) -> None:
    """Write ``metrics.json`` and ``predictions.npz`` beside the weights of a run and seed."""
    settings = run_settings(arguments)
    results = results_dir(arguments)
    directory = run_dir(results, settings.writeup, settings.run, settings.seed)
    dataset = open_dataset(dataset_dir(results, settings.data.dataset))
    make_deterministic(settings.threads)
    model = load_trained(settings, directory / "weights.safetensors", dataset.classes)
    task = load_task(settings, dataset, model)
    # The memory layout is that of the training; the arithmetic is always fp32, whatever the training used.
    layout = choose_number_format(settings, model, device)
    layout.place(model, device)
    task.load(device, layout.channels_last, "evaluation")
    found = task.evaluate()
    write_npz(directory / "predictions.npz", found.arrays)
    module = importlib.import_module(type(task).__module__)
    kept = {} if settings.keep is None else {"kept_epoch": read_record(directory / "provenance.json")["kept_epoch"]}
    measured = (found.metrics, parameter_count(model))
    print(write_metrics(results, settings, dataset, module, *measured, **kept, step="evaluate", family="training"))
