"""The numpy classifier on handwritten characters: curves, accuracies, weights and confusions (writeup 003, Q3)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.recipes.accuracies import accuracy_table
from rework.artefacts.recipes.split_curves import ACCURACY, LOSS, last_epoch, split_curves
from rework.artefacts.result import Built, Column, Measured, Table
from rework.drawing.example_pictures import titled_pictures
from rework.drawing.plots import count_matrix, kernel_grid
from rework.evaluation.statistics import estimate
from rework.settings.artefact import RunReference


def loss(context: ArtefactContext) -> Built:
    """Figure 14: loss over epochs."""
    return split_curves(context, (LOSS,))


def accuracy(context: ArtefactContext) -> Built:
    """Figure 15: accuracy over epochs."""
    return split_curves(context, (ACCURACY,))


def learning_rates(context: ArtefactContext) -> Built:
    """Figures 19 to 24: loss and accuracy for three learning rates."""
    return split_curves(context)


@measures("test_accuracy", "validation_accuracy")
def learning_rate_table(context: ArtefactContext) -> Built:
    """Q3.2: accuracy by learning rate."""
    return accuracy_table(
        context, "Accuracy by learning rate", "test pictures", ("test_accuracy", "validation_accuracy")
    )


@measures("validation_accuracy", "test_accuracy", "train_accuracy", "train_loss")
def training_log(context: ArtefactContext, *, lines: int) -> Built:
    """Figure 16: the log of the last epochs, every second one; ``lines`` is how many.

    The loss of the writeup's log is the mean over batches of the sum within a batch.
    """
    run = context.settings.runs[0]
    histories = [context.history(run.run, seed) for seed in run.seeds]
    per_batch = _examples_per_batch(context, run)
    epochs = list(range(run.epochs - 1, 0, -2))[:lines][::-1]
    rows = [
        {
            "epoch": epoch,
            "loss": float(np.mean([history["train_loss"][epoch - 1] for history in histories])) * per_batch,
            "accuracy": float(np.mean([history["train_accuracy"][epoch - 1] for history in histories])),
            "validation": float(np.mean([history["validation_accuracy"][epoch - 1] for history in histories])),
        }
        for epoch in epochs
    ]
    columns = (
        Column("epoch", "epoch", "right"),
        Column("loss", "training loss of a batch, nats", "right", decimals=2),
        Column("accuracy", "training accuracy", "right", "%", 1),
        Column("validation", "validation accuracy", "right", "%", 1),
    )
    final = [value * per_batch for value in last_epoch(context, run, "train_loss").values]
    values = (
        Measured(
            run.run,
            "validation_accuracy",
            "validation accuracy",
            context.estimate(run.run, "validation_accuracy")[0],
            run.seeds,
            "%",
        ),
        Measured(
            run.run, "test_accuracy", "test accuracy", context.estimate(run.run, "test_accuracy")[0], run.seeds, "%"
        ),
        Measured(
            run.run,
            "train_accuracy",
            "training accuracy of the last epoch",
            last_epoch(context, run, "train_accuracy"),
            run.seeds,
            "%",
        ),
        Measured(
            run.run, "train_loss", "training loss of a batch in the last epoch", estimate(final), run.seeds, "nats"
        ),
    )
    return Built(
        caption=(
            f"The end of the log of {run.epochs} epochs, every second one, means over {len(run.seeds)} "
            f"seed{'' if len(run.seeds) == 1 else 's'}. As in the writeup the loss is summed over the examples of a "
            f"batch ({per_batch:.1f} on average) and averaged over batches."
        ),
        data=([column.key for column in columns], [[row[column.key] for column in columns] for row in rows]),
        values=values,
        table=Table(columns, tuple(rows)),
        facts={"per_batch": per_batch, "final_loss": float(np.mean(final))},
    )


def _examples_per_batch(context: ArtefactContext, run: RunReference) -> float:
    """Return the mean number of examples of a batch."""
    provenance = context.provenance(run.run, run.seeds[0])
    batches = provenance["steps"] / run.epochs
    drawn = provenance["settings"]["model"]["parameters"].get("batches") == "drawn-once"
    size = provenance["settings"]["batch_size"]
    examples = context.metrics(run.run, run.seeds[0])["metrics"]["train_accuracy"]["n"]
    return float(size if drawn else examples / batches)


def weights_before(context: ArtefactContext) -> Built:
    """Figure 25: weights of the first layer before training."""
    return _weights(context, "initial.layer1.weight", "before training")


def weights_after(context: ArtefactContext) -> Built:
    """Figure 26: weights of the first layer after training."""
    return _weights(context, "layer1.weight", "after training")


def _weights(context: ArtefactContext, tensor: str, when: str) -> Built:
    run = context.settings.runs[0]
    weights = context.weights(run.run, run.seeds[0])[tensor]
    side = round(weights.shape[0] ** 0.5)
    pictures = weights.T.reshape(-1, side, side)
    neighbours = float(np.corrcoef(pictures[:, :, 1:].ravel(), pictures[:, :, :-1].ravel())[0, 1])
    return Built(
        caption=(
            f"The weights of the {len(pictures)} hidden units {when}, each as a picture of {side} × {side} (seed "
            f"{run.seeds[0]}), on one scale around zero. Standard deviation {weights.std():.3f}, greatest size "
            f"{np.abs(weights).max():.2f}; the correlation of neighbouring pixels is {neighbours:.2f}."
        ),
        alt=f"Grid of {len(pictures)} pictures of weights {when}",
        data=(
            ("unit", "mean", "standard deviation", "least", "greatest"),
            [
                [number + 1, *map(float, (unit.mean(), unit.std(), unit.min(), unit.max()))]
                for number, unit in enumerate(pictures)
            ],
        ),
        figure=kernel_grid(pictures, 16, "weight", cell=0.36),
        facts={"std": float(weights.std()), "neighbours": neighbours, "units": len(pictures)},
    )


def confusion(context: ArtefactContext, *, pairs: int, published: tuple[str, ...]) -> Built:
    """Figure 27: confusion matrix of the test split over all seeds; ``pairs`` is how many pairs to name.

    ``published`` lists the pairs that the writeup names.
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
            f"How often each character (row) is read as each other one (column) in the test split, over "
            f"{len(run.seeds)} seed{'' if len(run.seeds) == 1 else 's'}: {wrong} of {int(counts.sum())} readings are "
            f"wrong. Below, the pairs that are confused most, in both directions together."
        ),
        alt=f"Square of {len(classes)} by {len(classes)} cells, darker where more characters are read so",
        data=(
            ("character", "read as", "count"),
            [
                [classes[row], classes[column], int(counts[row, column])]
                for row in range(len(classes))
                for column in range(len(classes))
                if counts[row, column]
            ],
        ),
        table=Table(columns, tuple(rows)),
        figure=count_matrix(counts, classes, "read as", "character", "readings"),
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


def confusable_letters(context: ArtefactContext, *, count: int) -> Built:
    """Figure 28: misread characters of the pairs that are confused most; ``count`` is how many.

    The rule: for each pair from the most confused on, the misread test picture that the first seed is surest of, beside
    the rightly read picture of the class it was taken for that is surest.
    """
    run = context.settings.runs[0]
    dataset = context.dataset(run.dataset)
    stored = context.predictions(run.run, run.seeds[0])
    chosen = _misread(
        stored, confused_pairs(confusion_counts(context, run, len(dataset.classes)), dataset.classes), dataset.classes
    )[:count]
    inputs = np.asarray(dataset.splits["test"].inputs)
    pictures = [inputs[place] for wrong, right in chosen for place in (wrong, right)]
    titles, rows = [], []
    for wrong, right in chosen:
        truth, guess = (dataset.classes[int(stored[name][wrong])] for name in ("targets", "predictions"))
        certainty = float(stored["probabilities"][wrong].max())
        titles += [f"{truth}, read {guess}", f"a clear {guess}"]
        rows.append([truth, guess, certainty, int(wrong), int(right)])
    return Built(
        caption=(
            "Misread characters, each beside a character of the class that it was taken for. The rule: of each of the "
            "most confused pairs, the misread test picture with the highest probability for its wrong class (first "
            "seed), and the rightly read one with the highest probability."
        ),
        alt="Pairs of small handwritten characters: a misread one and a clear one of the class it was taken for",
        data=(("character", "read as", "probability", "test picture", "clear test picture"), rows),
        figure=titled_pictures(pictures, titles, columns=8),
        facts={"count": len(chosen)},
    )


def _misread(
    stored: dict[str, NDArray[Any]], pairs: list[tuple[frozenset[str], int]], classes: tuple[str, ...]
) -> list[tuple[int, int]]:
    """Return (misread picture, clear picture of the wrong class) for each pair in which the first seed errs."""
    targets, guesses, sure = stored["targets"], stored["predictions"], stored["probabilities"].max(axis=1)
    found = []
    for pair, _ in pairs:
        members = np.array([classes.index(name) for name in sorted(pair)])
        wrong = np.flatnonzero(np.isin(targets, members) & np.isin(guesses, members) & (targets != guesses))
        if not len(wrong):
            continue
        worst = int(wrong[sure[wrong].argmax()])
        clear = np.flatnonzero((targets == guesses[worst]) & (guesses == targets))
        if len(clear):
            found.append((worst, int(clear[sure[clear].argmax()])))
    return found
