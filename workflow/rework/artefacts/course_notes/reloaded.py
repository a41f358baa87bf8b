"""Whether trained weights give the same once they are saved and loaded.

A training measures its validation split with the weights in its memory. Later, the evaluation builds the network anew
from its settings, loads the stored weights, and measures the same split.
"""

from dataclasses import dataclass

import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.settings.artefact import RunReference

COLUMNS = ("validation_loss", "validation_accuracy")


@dataclass(frozen=True)
class Reloaded:
    """What was measured before saving and after loading, over all seeds of some runs.

    Attributes:
        trainings: how many trainings there are.
        equal: of how many both measures are the same to the last digit.
        difference: the greatest difference of the losses in nats.
    """

    trainings: int
    equal: int
    difference: float


def reloaded(context: ArtefactContext, *runs: RunReference) -> Reloaded:
    """Compare the measures of runs before their weights were saved and after they were loaded."""
    rows = [_differences(context, run.run, seed) for run in runs for seed in run.seeds]
    found = pd.DataFrame(rows)
    return Reloaded(len(found), int((found == 0).all(axis=1).sum()), float(found["validation_loss"].max()))


def _differences(context: ArtefactContext, run: str, seed: int) -> dict[str, float]:
    """Return the difference of each measure; before, that of the epoch whose weights were kept."""
    metrics = context.metrics(run, seed)
    before = context.history(run, seed).iloc[metrics.get("kept_epoch", 0) - 1]
    return {column: abs(float(before[column]) - metrics["metrics"][column]["value"]) for column in COLUMNS}
