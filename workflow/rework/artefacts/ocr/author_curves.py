"""The author's own curves beside those of this build, where his file is given, and what can be said about both."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import per_epoch
from rework.messages import plural
from rework.settings.artefact import RunReference

DATASET = "ocr-author-curves"
# The author's curves in the file of ``rework.datasets.ocr_author_curves``; this module must not import the reader.
PLOTTED, EPOCH_MEAN, ACCURACY = "plotted_training_loss", "epoch_mean_loss", "validation_accuracy"


@dataclass(frozen=True)
class AuthorCurves:
    """The author's curves, or generated ones in their place, or none; ``table`` has a row for each epoch."""

    table: pd.DataFrame | None
    generated: bool = False

    @classmethod
    def of(cls, context: ArtefactContext) -> "AuthorCurves":
        """Return what is given to an artefact."""
        if DATASET not in context.settings.datasets:
            return cls(None)
        return cls(context.table(DATASET), bool(context.dataset_info(DATASET)["sample"]))

    @property
    def label(self) -> str:
        """Their name in a legend."""
        return "generated, in place of the author's" if self.generated else "the author"

    def curve(self, run: RunReference, curve: str, epochs: int) -> NDArray[np.float64] | None:
        """Return one of the author's curves of a run up to some epoch, float (epochs,), or None if it is not there."""
        name = f"{run.run} {curve}"
        if self.table is None or name not in self.table:
            return None
        found: NDArray[np.float64] = self.table[name].to_numpy(np.float64)[:epochs]
        return found

    def sentence(self, origin: str) -> str:
        """Return a sentence on them; ``origin`` says of the author's own where they are from."""
        if self.table is None:
            return (
                "The author's own curves are not drawn: the file that holds them is not part of this project, as its "
                "source states no licence."
            )
        if self.generated:
            return "The dashed curves are generated, in place of the author's."
        return f"Dashed: {origin}."


@dataclass(frozen=True)
class Compared:
    """A curve of this build and the author's: values by seed, float (seeds, epochs), and float (epochs,) or None.

    The author's has at most as many epochs.
    """

    run: RunReference
    what: str
    by_seed: NDArray[np.float64]
    published: NDArray[np.float64] | None

    @property
    def epochs(self) -> int:
        """The number of epochs that both have, or that ours has."""
        return self.by_seed.shape[1] if self.published is None else len(self.published)

    @property
    def within(self) -> int:
        """In how many epochs the author's value is between the smallest and the greatest of this build's seeds."""
        if self.published is None:
            return 0
        ours = self.by_seed[:, : self.epochs]
        among = (ours.min(axis=0) <= self.published) & (self.published <= ours.max(axis=0))
        return int(among.sum())

    @property
    def expected_within(self) -> float:
        """In how many epochs one more seed of ours would be there on average.

        Each of k + 1 equal seeds is as often at an end of all, and two of them are.
        """
        seeds = len(self.by_seed)
        return self.epochs * (seeds - 1) / (seeds + 1)

    def rows(self) -> pd.DataFrame:
        """Return a row for each value: run, what it is, whose it is, seed (none for the author's), epoch and value."""
        seeds = [f"seed{seed}" for seed in self.run.seeds]
        ours = per_epoch(self.by_seed, self.run.seeds).melt("epoch", seeds, "seed", "value")
        parts = [ours.assign(seed=ours["seed"].str.removeprefix("seed"), source="this build")]
        if self.published is not None:
            epochs = np.arange(1, len(self.published) + 1)
            author = pd.DataFrame({"epoch": epochs, "value": self.published, "seed": "", "source": "published"})
            parts.append(author)
        table = pd.concat(parts, ignore_index=True).assign(run=self.run.label, what=self.what)
        return table[["run", "what", "source", "seed", "epoch", "value"]]


def within_sentence(compared: Compared, author: AuthorCurves) -> str:
    """Return a sentence on how often the author's value is among those of our seeds, or nothing if it says nothing.

    One seed has no spread, and generated curves say nothing about the author's.
    """
    if author.generated or compared.published is None or len(compared.by_seed) < 2:
        return ""
    expected = f"{compared.expected_within:.1f}".removesuffix(".0")
    return (
        f" In {compared.within} of {plural(compared.epochs, 'epoch')}, the author's {compared.what} is between the "
        f"smallest and the greatest of our seeds; one more seed of ours would be there in {expected} on average."
    )
