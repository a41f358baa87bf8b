"""What the conditional random field has learned about the order of letters, beyond the writeup."""

import numpy as np
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import elements
from rework.artefacts.result import Built
from rework.artefacts.sentences import mean_of_seeds
from rework.drawing.matrices import labelled_matrix


def crf_transitions(context: ArtefactContext) -> Built:
    """Return the CRF's scores for one letter following another, averaged over seeds."""
    run = context.settings.runs[0]
    classes = context.dataset(run.dataset).classes
    mean = np.mean([context.weights(run.run, seed)["crf.transitions"] for seed in run.seeds], axis=0)
    scores = mean.astype(np.float64)
    order = np.argsort(scores, axis=None, kind="stable")

    def named(places: NDArray[np.int64]) -> list[str]:
        return [classes[int(place) // len(classes)] + classes[int(place) % len(classes)] for place in places]

    highest, lowest = named(order[::-1][:8]), named(order[:8])
    return Built(
        caption=(
            "Scores that the CRF of the BiLSTM-CRF adds for each letter (column) after each other one (row), "
            f"{mean_of_seeds([run])}. Highest: {', '.join(highest)}; lowest: {', '.join(lowest)}."
        ),
        alt="Square of 26 by 26 coloured cells, rows are letters and columns the letters that follow",
        data=elements(scores, "score", {"letter": classes, "next": classes}),
        figure=labelled_matrix(scores, classes, "next letter", "letter", "score (log-odds)"),
        facts={"highest": highest, "lowest": lowest, "spread": float(mean.max() - mean.min())},
    )
