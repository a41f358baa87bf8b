"""Loss and accuracy over epochs, in our definition of the loss and the author's, with the author's curves if given.

The author's code (``hw3-q1.py:269-279``, ``hw3-q2.py:97-111,181,211``) plots other losses than the mean of an epoch:
for single letters, its list of losses is never emptied, so that it shows the mean over all batches since the start; for
words, it divides a sum over words by the number of letters.
"""

from typing import Any

import numpy as np
import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.needs import needs
from rework.artefacts.ocr.author_curves import (
    ACCURACY,
    EPOCH_MEAN,
    PLOTTED,
    AuthorCurves,
    Compared,
    within_sentence,
)
from rework.artefacts.quantities import Metric
from rework.artefacts.result import Built
from rework.artefacts.sentences import mean_of_seeds
from rework.drawing.compared_curves import ComparedPanel, ComparedRow, compared_curves
from rework.evaluation.running_means import running_means
from rework.messages import sentence_case, with_blanks
from rework.settings.artefact import RunReference

LOSS, VALIDATION = Metric.of("train_loss"), Metric.of("validation_accuracy")
OF_EPOCH, SINCE_START = "mean of the epoch", "mean since the start"
WEIGHTS = (
    "In an epoch's mean, all letters count the same here and all batches for the author, which differs by the last, "
    "smaller batch"
)


@needs(runs=1, trained="classification", data="ocr-letters", datasets="ocr-author-curves", history="train_loss")
def letter_loss(context: ArtefactContext) -> Built:
    """Return the training loss of a network of single letters: the mean of each epoch, and that since the start."""
    run, author = context.settings.runs[0], AuthorCurves.of(context)
    both = _losses(context, run, author)
    first, last, since = (LOSS.quantity.text(value) for value in (*_ends(both[0]), _ends(both[1])[1]))
    origin = "the author's, the right one as plotted, the left one computed from it"
    return Built(
        caption=(
            f"Training loss over {run.epochs} epochs: on the left the mean of each epoch, on the right the mean over "
            f"all batches since the start of the training, which is what the author plots; {_means(run)}. They go "
            f"from {first} to {last} and to {since}. {WEIGHTS}. {author.sentence(origin)}"
            f"{within_sentence(both[0], author)}"
        ),
        alt=(
            f"Line plots of the training loss over {run.epochs} epochs: the mean of each epoch, from {first} to "
            f"{last}, and the mean since the start, to {since}{_also(author)}"
        ),
        data=pd.concat([one.rows() for one in both]),
        figure=compared_curves([ComparedRow(LOSS.axis, tuple(_panel(one, one.what) for one in both))], author.label),
        facts={
            **_facts(both[0], author),
            "last_since_start": _ends(both[1])[1],
            "author_last_since_start": _last(both[1], author),
        },
    )


@needs(
    runs=1,
    trained="words",
    data="ocr-letters",
    datasets="ocr-author-curves",
    history="train_loss",
    values={"loss": ("cross-entropy",), "batch_size": (1,)},
)
def word_loss(context: ArtefactContext) -> Built:
    """Return the training loss of a network of words, per letter.

    The author's own definition needs the loss of each word, since words of all lengths count the same in it; histories
    do not have that.
    """
    run, author = context.settings.runs[0], AuthorCurves.of(context)
    ours = context.over_epochs(run, LOSS.name)
    one = Compared(run, OF_EPOCH, ours, author.curve(run, EPOCH_MEAN, ours.shape[1]))
    first, last = (LOSS.quantity.text(value) for value in _ends(one))
    split = context.dataset_info(run.dataset)["splits"]["train"]
    letters, words, ratio = with_blanks(split["count"]), with_blanks(split["words"]), split["count"] / split["words"]
    origin = "the author's curve, turned into a mean over words, so that words count the same in it and letters in ours"
    return Built(
        caption=(
            f"Training loss over {run.epochs} epochs, mean per letter; {_means(run)}. It goes from {first} to {last}. "
            f"The author plots another quantity: the sum over words of the mean loss of a word's letters, divided by "
            f"the number of letters ({letters} here) and not of words ({words}), which makes it {ratio:.1f} times "
            f"smaller than a mean over words. That mean counts words of all lengths the same; the losses of single "
            f"words are not recorded, so it cannot be computed for this build. {author.sentence(origin)}"
        ),
        alt=f"Line plot of the training loss over {run.epochs} epochs, from {first} to {last}{_also(author)}",
        data=one.rows(),
        figure=compared_curves([ComparedRow(LOSS.axis, (_panel(one, ""),))], author.label),
        facts={**_facts(one, author), "letters_per_word": ratio},
    )


@needs(runs=1, data="ocr-letters", datasets="ocr-author-curves", history="validation_accuracy")
def validation_curve(context: ArtefactContext) -> Built:
    """Return the validation accuracy of a run, by letters."""
    run, author = context.settings.runs[0], AuthorCurves.of(context)
    one, origin = _accuracy(context, run, author), "the author's curve"
    first, last = (VALIDATION.quantity.text(value) for value in _ends(one))
    return Built(
        caption=(
            f"{sentence_case(VALIDATION.words)} over {run.epochs} epochs; {_means(run)}. It goes from {first} to "
            f"{last}. {author.sentence(origin)}{within_sentence(one, author)}"
        ),
        alt=f"Line plot of the validation accuracy over {run.epochs} epochs, from {first} to {last}{_also(author)}",
        data=one.rows(),
        figure=compared_curves([ComparedRow(VALIDATION.axis, (_panel(one, ""),), percent=True)], author.label),
        facts={**_facts(one, author), "best_epoch": int(one.by_seed.mean(axis=0).argmax()) + 1},
    )


@needs(
    runs=(2, 6),
    trained="classification",
    data="ocr-letters",
    datasets="ocr-author-curves",
    history=("train_loss", "validation_accuracy"),
)
def depth_curves(context: ArtefactContext) -> Built:
    """Return loss, in both definitions, and validation accuracy of several networks of single letters, side by side."""
    runs, author = context.settings.runs, AuthorCurves.of(context)
    losses = [_losses(context, run, author) for run in runs]
    lines = [
        (f"training loss ({LOSS.quantity.unit}),\n{OF_EPOCH}", [both[0] for both in losses], False),
        (f"training loss ({LOSS.quantity.unit}),\n{SINCE_START}", [both[1] for both in losses], False),
        (VALIDATION.axis, [_accuracy(context, run, author) for run in runs], True),
    ]
    rows = []
    for label, line, percent in lines:
        means = [one.by_seed.mean(axis=0) for one in line]
        panels = [
            _panel(one, one.run.label, *(mean for other, mean in zip(line, means, strict=True) if other is not one))
            for one in line
        ]
        rows.append(ComparedRow(label, tuple(panels), percent))
    labels = ", ".join(run.label for run in runs)
    origin = "the author's; the middle and the lower row as plotted, the upper one computed from the middle one"
    best = {one.run.run: int(one.by_seed.mean(axis=0).argmax()) + 1 for one in lines[2][1]}
    return Built(
        caption=(
            f"Training loss and validation accuracy over epochs of {labels}; {_means(*runs)}. Above, the mean of each "
            f"epoch; in the middle, the mean over all batches since the start, which is what the author plots. "
            f"{WEIGHTS}. Thin lines: the networks of the other panels. {author.sentence(origin)}"
        ),
        alt=(
            f"Line plots of training loss and validation accuracy over epochs, a column for each of {labels}"
            f"{_also(author)}"
        ),
        data=pd.concat([one.rows() for _, line, _ in lines for one in line]),
        figure=compared_curves(rows, author.label, "the other networks"),
        facts={
            "best_epoch": best,
            "author_last": {one.run.run: _last(one, author) for one in lines[2][1]},
        },
    )


def _losses(context: ArtefactContext, run: RunReference, author: AuthorCurves) -> tuple[Compared, Compared]:
    """Return the loss of a run as the mean of each epoch, and as that over all batches since the start."""
    means = context.over_epochs(run, LOSS.name)
    since = running_means(means, context.over_epochs(run, "steps").astype(np.int64))
    epochs = means.shape[1]
    return (
        Compared(run, OF_EPOCH, means, author.curve(run, EPOCH_MEAN, epochs)),
        Compared(run, SINCE_START, since, author.curve(run, PLOTTED, epochs)),
    )


def _accuracy(context: ArtefactContext, run: RunReference, author: AuthorCurves) -> Compared:
    ours = context.over_epochs(run, VALIDATION.name)
    return Compared(run, VALIDATION.words, ours, author.curve(run, ACCURACY, ours.shape[1]))


def _panel(one: Compared, title: str, *others: Any) -> ComparedPanel:
    return ComparedPanel(title, one.by_seed, one.published, others)


def _ends(one: Compared) -> tuple[float, float]:
    """Return the mean over the seeds in the first and in the last epoch."""
    return float(one.by_seed[:, 0].mean()), float(one.by_seed[:, -1].mean())


def _last(one: Compared, author: AuthorCurves) -> float | None:
    """Return the author's value in the last epoch, or None if it is not known."""
    return None if one.published is None or author.generated else float(one.published[-1])


def _facts(one: Compared, author: AuthorCurves) -> dict[str, Any]:
    first, last = _ends(one)
    return {"first": first, "last": last, "author_last": _last(one, author)}


def _also(author: AuthorCurves) -> str:
    """Return what a description of a figure adds for the second line."""
    return "" if author.table is None else f", beside {author.label}"


def _means(*runs: RunReference) -> str:
    """Return what the lines and bands are."""
    means = mean_of_seeds(runs)
    return means if means == "one seed" else f"{means}, band from the smallest to the greatest"
