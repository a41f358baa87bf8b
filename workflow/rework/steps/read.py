"""Step ``read``: let a trained run recognise every letter found on pages of text."""

import argparse

import numpy as np
from numpy.typing import NDArray

from rework.datasets.layouts import CROPS_FILE, INFO_FILE
from rework.errors import DataError
from rework.evaluation.archive import write_npz
from rework.paths import dataset_dir, reading_file, reading_record, run_dir
from rework.provenance import hashed_inputs, origin
from rework.recognition import log_probabilities
from rework.recorded import verified_sha256, write_record
from rework.steps.arguments import results_dir
from rework.steps.run_arguments import add_run_arguments, run_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument("pages", help="data set of pages")
    add_run_arguments(parser)


def main(arguments: argparse.Namespace) -> None:
    """Write the log-probabilities of the classes for each letter of the pages."""
    settings = run_settings(arguments)
    results = results_dir(arguments)
    folder = dataset_dir(results, arguments.pages)
    weights = run_dir(results, settings.writeup, settings.run, settings.seed) / "weights.safetensors"
    if not (folder / CROPS_FILE).is_file():
        raise DataError(f"{folder}: no data set of pages; 'python -m rework preprocess {arguments.pages}' makes it")
    verified_sha256(folder / CROPS_FILE)
    crops: NDArray[np.uint8] = np.load(folder / CROPS_FILE, allow_pickle=False)
    target = reading_file(results, arguments.pages, settings.id, settings.seed)
    write_npz(target, {"log_probabilities": log_probabilities(settings, weights, crops)})
    inputs = hashed_inputs(results, folder / INFO_FILE, weights)
    write_record(
        reading_record(results, arguments.pages, settings.id, settings.seed),
        {
            "run": settings.id,
            "seed": settings.seed,
            "pages": arguments.pages,
            "provenance": origin("read", "handwriting", settings.model_module, inputs=inputs, outputs=[target]),
        },
    )
    print(f"{settings.id} seed {settings.seed}: read {len(crops)} letters of {arguments.pages}, in {target}")
