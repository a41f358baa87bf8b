"""Examples of characters that are misread (figure 28)."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.needs import needs
from rework.artefacts.recipes.confusions import confused_pairs, confusion_counts
from rework.artefacts.result import Built
from rework.drawing.example_pictures import titled_pictures
from rework.settings.ranges import Few


@needs(runs=1, trained=("classification", "words", "numpy-classifier"))
def confusable_letters(context: ArtefactContext, *, count: Few) -> Built:
    """Return ``count`` misread characters from the most frequently confused pairs.

    For each pair, starting with the most confused: the misread test picture that the first seed is most confident of,
    beside the most confident correctly read picture of the class it was mistaken for.
    """
    run = context.settings.runs[0]
    dataset = context.dataset(run.dataset)
    stored = context.predictions(run.run, run.seeds[0])
    chosen = _misread(
        stored, confused_pairs(confusion_counts(context, run, len(dataset.classes)), dataset.classes), dataset.classes
    )[:count]
    inputs = np.asarray(dataset.splits["test"].inputs)
    pictures = [inputs[place] for wrong, right in chosen for place in (wrong, right)]
    titles: list[str] = []
    rows: list[tuple[str, str, float, int, int]] = []
    for wrong, right in chosen:
        truth, guess = (dataset.classes[int(stored[name][wrong])] for name in ("targets", "predictions"))
        certainty = float(stored["probabilities"][wrong].max())
        titles += [f"{truth}, read {guess}", f"a clear {guess}"]
        rows.append((truth, guess, certainty, wrong, right))
    return Built(
        caption=(
            "Misread characters, each beside a character of the class that it was taken for. The rule: of each of the "
            "most confused pairs, the misread test picture with the highest probability for its wrong class (first "
            "seed), and the rightly read one with the highest probability."
        ),
        alt="Pairs of small handwritten characters: a misread one and a clear one of the class it was taken for",
        data=pd.DataFrame(rows, columns=["character", "read as", "probability", "test picture", "clear test picture"]),
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
