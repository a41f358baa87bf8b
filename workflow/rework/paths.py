"""The path grammar: where each result is. Rules and steps both use this module, so it is written only once.

Every function takes the results folder of one edition, for example ``results/full``.
"""

from pathlib import Path

TRAINED_FILES = ("weights.safetensors", "history.csv", "probes.csv")
"""What a training makes, besides its record."""
RUN_FILES = (*TRAINED_FILES, "provenance.json", "metrics.json", "predictions.npz")


def dataset_dir(results: Path, dataset: str) -> Path:
    """Folder of a preprocessed data set: memory-mapped arrays, and ``dataset.json``."""
    return results / "data" / dataset


def raw_dir(results: Path, dataset: str) -> Path:
    """Folder of the generated raw files of a data set in the sample edition, in their official format."""
    return dataset_dir(results, dataset) / "raw"


def raw_files(folder: Path) -> list[Path]:
    """Generated raw files in their folder, in a fixed order."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def raw_record(results: Path, dataset: str) -> Path:
    """Hashes of the generated raw files; hidden, because all other files of their folder are raw files."""
    return raw_dir(results, dataset) / ".record.json"


def initial_weights_file(results: Path, asset: str) -> Path:
    """Pretrained weights that trainings start with, with the names of torch's modules."""
    return results / "weights" / f"{asset}.safetensors"


def model_description(results: Path, writeup: str, model: str) -> Path:
    """Layers, output shapes and parameter counts of a model, taken from the model itself."""
    return results / "models" / writeup / f"{model}.json"


def run_dir(results: Path, writeup: str, run: str, seed: int) -> Path:
    """Folder of one training of one run with one seed.

    >>> run_dir(Path("results/full"), "ocr", "cnn-2", 0).as_posix()
    'results/full/runs/ocr/cnn-2/seed0'
    """
    return results / "runs" / writeup / run / f"seed{seed}"


def checkpoint_file(results: Path, writeup: str, run: str, seed: int) -> Path:
    """Checkpoint of an unfinished training.

    No rule declares it as output, because Snakemake deletes the outputs of a failed job.
    """
    return results / "checkpoints" / writeup / run / f"seed{seed}.pt"


def finished_dir(results: Path, writeup: str, run: str, seed: int) -> Path:
    """Folder of the files of a run's last finished training, under names that Snakemake does not know.

    It deletes the outputs of a job before it starts and when it fails, also those of a finished training.
    """
    return results / "finished" / writeup / run / f"seed{seed}"


def reading_file(results: Path, dataset: str, run: str, seed: int) -> Path:
    """How a run (``writeup/run``) reads every letter found on the pages of a data set."""
    return results / "readings" / dataset / run / f"seed{seed}.npz"


def reading_record(results: Path, dataset: str, run: str, seed: int) -> Path:
    """Provenance of a reading."""
    return reading_file(results, dataset, run, seed).with_suffix(".json")


def artefact_file(results: Path, artefact: str, suffix: str) -> Path:
    """A file of an artefact (``writeup/name``); ``suffix`` is ``json``, ``csv`` or ``svg``."""
    return results / "artefacts" / f"{artefact}.{suffix}"


def report_dir(results: Path) -> Path:
    """Folder of the report and its manifest."""
    return results / "report"
