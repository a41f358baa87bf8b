"""Step ``read``: let a trained run say what every letter is that was found on pages of text."""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rework.engines.families import is_engine
from rework.errors import DataError
from rework.evaluation.archive import write_npz
from rework.files import sha256_file, write_json
from rework.handwriting.recognition import log_probabilities
from rework.page_paths import reading_file, reading_record
from rework.paths import dataset_dir, run_dir
from rework.provenance import code_fingerprint, packages_hash
from rework.settings.run import RunSettings
from rework.steps.arguments import results_dir
from rework.steps.fit import engine_module
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
    if not (folder / "crops.npy").is_file():
        raise DataError(f"{folder}: no data set of pages; 'python -m rework pages' makes those of the configuration")
    crops: NDArray[np.uint8] = np.load(folder / "crops.npy", allow_pickle=False)
    target = reading_file(results, arguments.pages, settings.id, settings.seed)
    write_npz(target, {"log_probabilities": log_probabilities(settings, weights, crops)})
    inputs = [folder / "dataset.json", weights]
    write_json(
        reading_record(results, arguments.pages, settings.id, settings.seed),
        {
            "run": settings.id,
            "seed": settings.seed,
            "pages": arguments.pages,
            "provenance": {
                "step": "read",
                "code": code_fingerprint("rework.steps.read", _module(settings)),
                "packages": packages_hash("handwriting"),
                "inputs": {_name(path, results): sha256_file(path) for path in inputs},
                "outputs": {target.name: sha256_file(target)},
            },
        },
    )
    print(f"{settings.id} seed {settings.seed}: read {len(crops)} letters of {arguments.pages}, in {target}")


def _module(settings: RunSettings) -> str:
    family = settings.model.name
    return engine_module(family) if is_engine(family) else settings.model.module


def _name(path: Path, results: Path) -> str:
    return path.relative_to(results).as_posix()
