"""Step ``read-text``: read the handwriting on a photograph with a network trained on characters."""

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
from rework.paths import dataset_dir
from rework.recognition import log_probabilities
from rework.steps.trained_runs import EDITIONS, find_trained

RUN = "nist36/reader"
LEFT_OUT = 0.2  # share of the dark pixels; if more belong to no letter, that is said
DOUBTFUL = 0.5  # probability below which a letter is pointed out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument("photograph", type=Path, help="picture of printed letters on a plain ground (JPEG, PNG, ...)")
    parser.add_argument("--run", default=RUN, help=f"run that reads, as <writeup>/<run> (default: {RUN})")
    parser.add_argument("--edition", choices=EDITIONS, help="of the run (default: full, or else sample)")


def main(arguments: argparse.Namespace) -> None:
    """Print the text and, on standard error, what it was read with and how many letters are doubtful."""
    picture = open_photograph(arguments.photograph)
    run = find_trained(arguments.run, arguments.edition)
    page = read_page(picture, str(arguments.photograph))
    if not len(page.boxes):
        raise DataError(
            f"{arguments.photograph}: no letters found; expected dark letters, apart from each other, on a lighter "
            "ground"
        )
    classes = open_dataset(dataset_dir(run.results, run.settings.data.dataset)).classes
    scores = log_probabilities(run.settings, run.weights, page.crops)
    characters = [classes[label] for label in scores.argmax(axis=1)]
    print(joined(page.lines, characters))
    print(_remarks(run.named, page, characters, np.exp(scores.max(axis=1))), file=sys.stderr)


def _remarks(reader: str, page: Page, characters: list[str], certainty: NDArray[np.float32]) -> str:
    doubtful = int((certainty < DOUBTFUL).sum())
    text = f"{len(page.boxes)} letters in {len(page.lines)} lines, read by {reader}"
    if doubtful:
        least = int(certainty.argmin())
        text += (
            f"; {doubtful} of them doubtful (probability below {DOUBTFUL}), most of all the {characters[least]!r} "
            f"that is letter {least + 1}"
        )
    if page.left_out > LEFT_OUT:
        text += (
            f"; {page.left_out:.0%} of the dark pixels belong to no letter and were left out: on ruled paper, or where "
            "letters touch lines or each other, most of the text may be missing"
        )
    return text
