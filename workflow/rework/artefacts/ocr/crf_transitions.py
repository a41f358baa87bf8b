"""What the conditional random field has learned about the order of letters, beyond the writeup.

A constant that is added to all scores changes no probability of a word. One that is added to the scores of all letters
after a letter, or before it, can be taken back from that letter's own score, which the network makes of its place in
the word. So the scores are known only up to such shifts, and are shown with a mean of zero in each row and column.
"""

import numpy as np
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import elements
from rework.artefacts.needs import needs
from rework.artefacts.result import Built
from rework.artefacts.sentences import mean_of_seeds
from rework.datasets.store import StoredSplit
from rework.drawing.matrices import labelled_matrix


@needs(runs=1, trained="words", values={"loss": "crf"})
def crf_transitions(context: ArtefactContext) -> Built:
    """Return the CRF's scores for one letter following another, averaged over seeds."""
    run = context.settings.runs[0]
    classes = context.dataset(run.dataset).classes
    mean = np.mean([context.weights(run.run, seed)["crf.transitions"] for seed in run.seeds], axis=0)
    scores = centred(mean.astype(np.float64))
    never = ~bigrams(context.dataset(run.dataset).splits["train"], len(classes))
    order = np.argsort(scores, axis=None, kind="stable")

    def named(places: NDArray[np.int64]) -> list[str]:
        return [classes[int(place) // len(classes)] + classes[int(place) % len(classes)] for place in places]

    highest, lowest = named(order[::-1][:8]), named(order[:8])
    return Built(
        caption=(
            "Scores that the CRF of the BiLSTM-CRF adds for each letter (column) after each other one (row), "
            f"{mean_of_seeds([run])}, centred in rows and columns, because they are known only up to shifts. Highest: "
            f"{', '.join(highest)}; lowest: {', '.join(lowest)}. A dot marks the {int(never.sum())} pairs that no "
            "training word holds."
        ),
        alt="Square of 26 by 26 coloured cells, rows are letters and columns the letters that follow",
        data=elements(scores, "score", {"letter": classes, "next": classes}).assign(in_training=~never.ravel()),
        figure=labelled_matrix(scores, classes, "next letter", "letter", "score (log-odds)", never),
        facts={
            "highest": highest,
            "lowest": lowest,
            "spread": float(scores.max() - scores.min()),
            "never": int(never.sum()),
        },
    )


def centred(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return scores whose rows and columns have the mean zero, by shifts of rows and columns."""
    found: NDArray[np.float64] = scores - scores.mean(axis=0, keepdims=True)
    found -= found.mean(axis=1, keepdims=True)
    return found


def bigrams(split: StoredSplit, classes: int) -> NDArray[np.bool_]:
    """Return which letter (column) follows which (row) in any word of a split."""
    targets = np.asarray(split.targets)
    followed = np.ones(len(targets), dtype=bool)
    followed[np.asarray(split.offsets)[1:] - 1] = False  # the last letter of a word has no next one
    first = np.flatnonzero(followed)
    found = np.zeros((classes, classes), dtype=bool)
    found[targets[first], targets[first + 1]] = True
    return found
