"""What the artefacts on captions read: the captions, scores and attention of each decoder on the test pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.datasets.caption_files import WEIGHTS
from rework.datasets.references import references
from rework.settings.artefact import RunReference


@dataclass(frozen=True)
class TestPictures:
    """The N pictures of the test split.

    Attributes:
        names: their files.
        references: the captions that people wrote for each.
        thumbnails: bytes N x 3 x H x W.
        contents: what is in each, as far as the data set knows; empty for photographs.
        official: whether they are the pictures that the writeup speaks of.
    """

    names: tuple[str, ...]
    references: tuple[tuple[str, ...], ...]
    thumbnails: NDArray[np.uint8]
    contents: tuple[tuple[str, ...], ...]
    official: bool


def test_pictures(context: ArtefactContext) -> TestPictures:
    """Return the test pictures of the artefact's runs, which share one data set."""
    dataset = context.dataset(context.settings.runs[0].dataset)
    arrays = dataset.splits["test"].arrays
    return TestPictures(
        names=tuple(arrays["names"].tolist()),
        references=tuple(map(tuple, references(dataset.splits["test"]))),
        thumbnails=np.asarray(arrays["thumbnails"]),
        contents=tuple(tuple(text.split()) for text in arrays["contents"].tolist()),
        official=not dataset.sample and not any(map(_replaces_pictures, dataset.info["assets"])),
    )


def _replaces_pictures(asset: Mapping[str, Any]) -> bool:
    """Return whether an asset is another one's substitute, unless it is the encoder: pictures stay what they are."""
    return bool(asset["substitute"]) and PurePosixPath(asset["file"]).name != WEIGHTS


def scores(context: ArtefactContext, run: RunReference, array: str = "bleu4") -> NDArray[np.float64]:
    """Return a score of a run for each seed and test picture, seeds x pictures."""
    return np.stack([context.predictions(run.run, seed)[array] for seed in run.seeds])


def mean_scores(context: ArtefactContext, runs: Sequence[RunReference]) -> dict[str, NDArray[np.float64]]:
    """Return the score of each run for each test picture, as the mean over its seeds."""
    return {run.run: scores(context, run).mean(axis=0) for run in runs}
