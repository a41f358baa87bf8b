"""The path grammar: where each result lies. The rules and the steps both ask here, so it is written once.

Every function takes the results folder of one edition, for example ``results/full``.
"""

from pathlib import Path

TRAINED_FILES = ("weights.safetensors", "history.csv", "probes.csv")
"""What a training makes, besides its record."""
RUN_FILES = (*TRAINED_FILES, "provenance.json", "metrics.json", "predictions.npz")


def dataset_dir(results: Path, dataset: str) -> Path:
    """Folder of a preprocessed data set: arrays that map into memory, and ``dataset.json``."""
    return results / "data" / dataset


def raw_dir(results: Path, dataset: str) -> Path:
    """Folder of the generated raw files of a data set in the sample edition, in their official format."""
    return dataset_dir(results, dataset) / "raw"


def initial_weights_file(results: Path, asset: str) -> Path:
    """Weights from outside that trainings start with, with the names of torch's modules."""
    return results / "weights" / f"{asset}.safetensors"


def model_description(results: Path, writeup: str, model: str) -> Path:
    """Layers, output shapes and parameter counts of a module, read off the module itself."""
    return results / "models" / writeup / f"{model}.json"


def run_dir(results: Path, writeup: str, run: str, seed: int) -> Path:
    """Folder of one training of one run with one seed."""
    return results / "runs" / writeup / run / f"seed{seed}"


def checkpoint_file(results: Path, writeup: str, run: str, seed: int) -> Path:
    """Checkpoint of an unfinished training.

    No rule declares it as output, because Snakemake deletes the outputs of a failed job.
    """
    return results / "checkpoints" / writeup / run / f"seed{seed}.pt"


def reading_file(results: Path, dataset: str, run: str, seed: int) -> Path:
    """What a run (``writeup/run``) says of every letter found on the pages of a data set."""
    return results / "readings" / dataset / run / f"seed{seed}.npz"


def reading_record(results: Path, dataset: str, run: str, seed: int) -> Path:
    """Where a reading comes from."""
    return reading_file(results, dataset, run, seed).with_suffix(".json")


def artefact_file(results: Path, artefact: str, suffix: str) -> Path:
    """A file of an artefact (``writeup/name``); ``suffix`` is ``json``, ``csv`` or ``svg``."""
    return results / "artefacts" / f"{artefact}.{suffix}"


def report_dir(results: Path) -> Path:
    """Folder of the report and its manifest."""
    return results / "report"
