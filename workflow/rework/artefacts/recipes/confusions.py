"""What classifiers take for what: a matrix of one run, or the most frequent wrong readings of several."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.result import Built, Column, Table
from rework.artefacts.sentences import seeds
from rework.drawing.matrices import count_matrix
from rework.messages import plural
from rework.settings.artefact import RunReference


def confusion_table(context: ArtefactContext, *, pairs: int, example: str = "example") -> Built:
    """Return the most frequent wrong readings of each run, summed over seeds.

    Args:
        context: the artefact, whose runs read the same data set.
        pairs: how many readings to show.
        example: what the data set consists of, as in "letter".
    """
    runs = context.settings.runs
    classes = context.dataset(runs[0].dataset).classes
    columns = [Column("rank", "", "right")]
    rows: list[dict[str, Any]] = [{"rank": rank + 1} for rank in range(pairs)]
    data: list[list[Any]] = []
    shares: dict[str, float] = {}
    for run in runs:
        counts = confusion_counts(context, run, len(classes))
        np.fill_diagonal(counts, 0)
        columns += [Column(run.run, run.label), Column(f"{run.run} share", "of errors", "right", "%", 1)]
        ranked = np.argsort(-counts, axis=None, kind="stable")[:pairs]
        errors = int(counts.sum())
        for row, place in zip(rows, ranked, strict=True):
            truth, read = divmod(int(place), len(classes))
            count = int(counts[truth, read])
            row[run.run] = f"{classes[truth]} read as {classes[read]}: {count}" if count else "–"
            row[f"{run.run} share"] = count / errors if count else None
            data.append([run.label, classes[truth], classes[read], count])
        shares[run.run] = float(counts.flat[ranked].sum() / errors) if errors else 0.0
    most = max(len(run.seeds) for run in runs)
    return Built(
        caption=(
            f"The {pairs} most frequent wrong readings of each model on the test split, counted over "
            f"{plural(most, 'seed')}, with their share of all {example}s read wrong."
        ),
        data=(("model", example, "read as", "count"), data),
        table=Table(tuple(columns), tuple(rows)),
        facts={"shares": shares, "first": {run.run: rows[0][run.run] for run in runs}},
    )


def confusion_matrix(
    context: ArtefactContext, *, pairs: int, example: str = "example", published: tuple[str, ...] = ()
) -> Built:
    """Return the confusion matrix of the artefact's first run on the test split, over all seeds.

    Args:
        context: the artefact.
        pairs: how many of the most confused pairs to name.
        example: what the data set consists of, as in "character".
        published: pairs that the writeup names, as in "0/O"; the facts tell their ranks.
    """
    run = context.settings.runs[0]
    classes = context.dataset(run.dataset).classes
    counts = confusion_counts(context, run, len(classes))
    confused = confused_pairs(counts, classes)
    ranks = {pair: rank for rank, (pair, _) in enumerate(confused, start=1)}
    named = [[pair, ranks.get(frozenset(pair.split("/")))] for pair in published]
    rows: list[dict[str, Any]] = [
        {"rank": rank, "pair": "/".join(sorted(pair)), "count": count}
        for rank, (pair, count) in enumerate(confused[:pairs], start=1)
    ]
    columns = (
        Column("rank", "rank", "right"),
        Column("pair", "pair"),
        Column("count", "times confused", "right"),
    )
    wrong = int(counts.sum() - np.trace(counts))
    return Built(
        caption=(
            f"How often each {example} (row) is read as each other one (column) in the test split, over {seeds(run)}: "
            f"{wrong} of {int(counts.sum())} readings are wrong. Below, the pairs that are confused most, in both "
            f"directions together."
        ),
        alt=f"Square of {len(classes)} by {len(classes)} cells, darker where more {example}s are read so",
        data=(
            (example, "read as", "count"),
            [
                [classes[row], classes[column], int(counts[row, column])]
                for row in range(len(classes))
                for column in range(len(classes))
                if counts[row, column]
            ],
        ),
        table=Table(columns, tuple(rows)),
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
    """Return the pairs of classes that were ever confused and how often, the most frequent first."""
    both = counts + counts.T
    rows, columns = np.triu_indices(len(classes), 1)
    order = np.argsort(-both[rows, columns], kind="stable")
    return [
        (frozenset((classes[rows[place]], classes[columns[place]])), int(both[rows[place], columns[place]]))
        for place in order
        if both[rows[place], columns[place]]
    ]
