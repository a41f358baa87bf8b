"""Step ``read-text``: read the handwriting on a photograph with a network that was trained on characters."""

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rework.datasets.store import open_dataset
from rework.errors import DataError
from rework.formats.photographs import open_photograph
from rework.handwriting.pages import Page, read_page
from rework.handwriting.text import joined
from rework.paths import dataset_dir, run_dir
from rework.recognition import log_probabilities
from rework.settings.run import RunSettings
from rework.steps.arguments import load_catalogue

RUN = "nist36/reader"
EDITIONS = ("full", "sample")
DOUBTFUL = 0.5  # probability below which a letter is pointed out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument("photograph", type=Path, help="picture of printed letters on a plain ground (JPEG, PNG, ...)")
    parser.add_argument("--run", default=RUN, help=f"run that reads, as <writeup>/<run> (default: {RUN})")
    parser.add_argument("--edition", choices=EDITIONS, help="of the run (default: full, or else sample)")


def main(arguments: argparse.Namespace) -> None:
    """Print the text; on standard error, what it was read with and which letters are doubtful."""
    picture = open_photograph(arguments.photograph)
    settings, results, weights = _trained(arguments.run, arguments.edition)
    page = read_page(picture)
    if not len(page.boxes):
        raise DataError(
            f"{arguments.photograph}: no letters found; expected dark letters, apart from each other, on a lighter "
            "ground"
        )
    classes = open_dataset(dataset_dir(results, settings.data.dataset)).classes
    scores = log_probabilities(settings, weights, page.crops)
    characters = [classes[label] for label in scores.argmax(axis=1)]
    print(joined(page.lines, characters))
    print(_remarks(settings, page, characters, np.exp(scores.max(axis=1))), file=sys.stderr)


def _trained(run: str, edition: str | None) -> tuple[RunSettings, Path, Path]:
    """Return the settings of a run, its results folder and its weights, of the first edition that has been trained.

    Raises:
        DataError: none has; the message says how to train it.
    """
    catalogue = load_catalogue()
    writeup, _, name = run.partition("/")
    for candidate in EDITIONS if edition is None else (edition,):
        seed = catalogue.seeds(candidate, writeup, name)[0]
        settings: RunSettings = catalogue.run(candidate, writeup, name, seed)
        results = Path("results") / candidate
        weights = run_dir(results, writeup, name, seed) / "weights.safetensors"
        if weights.is_file():
            return settings, results, weights
    target = f"results/{edition or 'sample'}/runs/{run}/seed{seed}/weights.safetensors"
    remark = "" if edition else " on generated characters; for real ones, put 'full' in the place of 'sample'"
    raise DataError(f"{run} is not trained yet; 'snakemake --cores 2 {target}' trains it{remark}")


def _remarks(settings: RunSettings, page: Page, characters: list[str], certainty: NDArray[np.float32]) -> str:
    doubtful = int((certainty < DOUBTFUL).sum())
    text = f"{len(page.boxes)} letters in {len(page.lines)} lines, read by {settings.id}"
    if doubtful:
        least = int(certainty.argmin())
        text += (
            f"; {doubtful} of them doubtful (probability below {DOUBTFUL}), most of all the {characters[least]!r} "
            f"that is letter {least + 1}"
        )
    return text
