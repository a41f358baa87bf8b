"""What classifiers mistake for what: the matrix of one run, or the most frequent misreadings of several."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import elements
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Table
from rework.artefacts.sentences import seeds
from rework.drawing.matrices import count_matrix
from rework.messages import plural
from rework.settings.artefact import RunReference
from rework.settings.ranges import Few


@needs(runs=(1, ...), trained=("classification", "words", "numpy-classifier", "bag-of-words"), same_data=True)
def confusion_table(context: ArtefactContext, *, pairs: Few, example: str = "example") -> Built:
    """Return the most frequent misreadings of each run, summed over seeds.

    Args:
        context: the artefact, whose runs all read the same data set.
        pairs: how many misreadings to show.
        example: what the data set consists of, as in "letter".
    """
    runs = context.settings.runs
    classes = context.dataset(runs[0].dataset).classes
    columns = [Column("rank", "", "right")]
    shown = pd.DataFrame({"rank": range(1, pairs + 1)})
    data: list[pd.DataFrame] = []
    shares: dict[str, float] = {}
    for run in runs:
        counts = confusion_counts(context, run, len(classes))
        np.fill_diagonal(counts, 0)
        columns += [Column(run.run, run.label), Column(f"{run.run} share", "of errors", "right", "%", 1)]
        errors = int(counts.sum())
        readings = elements(counts[None], "count", {"model": [run.label], example: classes, "read as": classes})
        first = readings.sort_values("count", ascending=False, kind="stable", ignore_index=True).head(pairs)
        data.append(first)
        texts = first[example] + " read as " + first["read as"] + ": " + first["count"].astype(str)
        shown[run.run] = texts.where(first["count"] > 0, "–")
        shown[f"{run.run} share"] = (first["count"] / errors).where(first["count"] > 0)
        shares[run.run] = float(first["count"].sum() / errors) if errors else 0.0
    most = max(len(run.seeds) for run in runs)
    return Built(
        caption=(
            f"The {pairs} most frequent wrong readings of each model on the test split, counted over "
            f"{plural(most, 'seed')}, with their share of all {example}s read wrong."
        ),
        data=pd.concat(data),
        table=Table.of(shown, *columns),
        facts={"shares": shares, "first": {run.run: shown.loc[0, run.run] for run in runs}},
    )


@needs(runs=1, trained=("classification", "words", "numpy-classifier", "bag-of-words"))
def confusion_matrix(
    context: ArtefactContext, *, pairs: Few, example: str = "example", published: tuple[str, ...] = ()
) -> Built:
    """Return the confusion matrix of the artefact's first run on the test split, over all seeds.

    Args:
        context: the artefact.
        pairs: how many of the most confused pairs to name.
        example: what the data set consists of, as in "character".
        published: pairs that the writeup names, as in "0/O"; the facts give their ranks.
    """
    run = context.settings.runs[0]
    classes = context.dataset(run.dataset).classes
    counts = confusion_counts(context, run, len(classes))
    confused = confused_pairs(counts, classes)
    ranks = {pair: rank for rank, (pair, _) in enumerate(confused, start=1)}
    named = [[pair, ranks.get(frozenset(pair.split("/")))] for pair in published]
    shown = pd.DataFrame(
        [
            {"rank": rank, "pair": "/".join(sorted(pair)), "count": count}
            for rank, (pair, count) in enumerate(confused[:pairs], start=1)
        ],
        columns=["rank", "pair", "count"],
    )
    readings = elements(counts, "count", {example: classes, "read as": classes})
    wrong = int(counts.sum() - np.trace(counts))
    return Built(
        caption=(
            f"How often each {example} (row) is read as each other one (column) in the test split, over {seeds(run)}: "
            f"{wrong} of {int(counts.sum())} readings are wrong. Below, the pairs that are confused most, in both "
            f"directions together."
        ),
        alt=f"Square of {len(classes)} by {len(classes)} cells, darker where more {example}s are read so",
        data=readings[readings["count"] > 0],
        table=Table.of(
            shown,
            Column("rank", "rank", "right"),
            Column("pair", "pair"),
            Column("count", "times confused", "right"),
        ),
        figure=count_matrix(counts, classes, "read as", example, "readings"),
        facts={
            "published": [{"pair": pair, "rank": rank} for pair, rank in named],
            "wrong": wrong,
            "total": int(counts.sum()),
            "confused": len(confused),
        },
    )


def confusion_counts(context: ArtefactContext, run: RunReference, classes: int) -> NDArray[np.int64]:
    """Return how often each class (row) was read as each (column) in the test split, over all seeds."""
    total = np.zeros(classes * classes, dtype=np.int64)
    for seed in run.seeds:
        stored = context.predictions(run.run, seed)
        total += np.bincount(stored["targets"] * classes + stored["predictions"], minlength=classes * classes)
    return total.reshape(classes, classes)


def confused_pairs(counts: NDArray[np.int64], classes: tuple[str, ...]) -> list[tuple[frozenset[str], int]]:
    """Return the pairs of classes that were confused at all, with how often, most frequent first."""
    both = counts + counts.T
    rows, columns = np.triu_indices(len(classes), 1)
    order = np.argsort(-both[rows, columns], kind="stable")
    return [
        (frozenset((classes[rows[place]], classes[columns[place]])), int(both[rows[place], columns[place]]))
        for place in order
        if both[rows[place], columns[place]]
    ]
