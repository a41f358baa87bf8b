"""The letters that the CNN finds furthest from their class (question 1.3)."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import elements
from rework.artefacts.named_things import class_number, option_place
from rework.artefacts.needs import needs
from rework.artefacts.ocr.letter_pictures import letter_row
from rework.artefacts.result import Built
from rework.artefacts.sentences import seeds
from rework.errors import ConfigError
from rework.settings.ranges import Range


@needs(runs=1, model="letter-cnn")
def odd_letters(context: ArtefactContext, *, letter: str, count: Annotated[int, Range(least=1, most=8)]) -> Built:
    """Return the letters that the CNN finds furthest from their class, beside the mean picture of the class.

    ``letter`` is the class and ``count`` the number of letters to show.
    """
    run = context.settings.runs[0]
    dataset = context.dataset(run.dataset)
    label = class_number(context, "letter", dataset.classes, letter)
    probabilities = mean_probabilities(context)
    split = dataset.splits["test"]
    members = np.flatnonzero(split.targets == label)
    if not len(members):
        raise ConfigError(f"{option_place(context, 'letter')}: no test picture is of class {letter!r}; choose another")
    order = members[np.argsort(probabilities[members, label], kind="stable")]
    strangest = order[:count]
    pictures = np.asarray(split.inputs)[:, 0] / 255
    found = [
        {
            "example": int(example),
            "probability": float(probabilities[example, label]),
            "read_as": dataset.classes[int(probabilities[example].argmax())],
        }
        for example in strangest
    ]
    titles = [f"({'ABCDEFGH'[k]}) read as {item['read_as']}" for k, item in enumerate(found)]
    shown = [*(pictures[example] for example in strangest), pictures[order[-1]], pictures[members].mean(axis=0)]
    names = [*titles, f"most certain {letter}", f"mean of all {letter}"]
    texts = [f"{item['read_as']} (p({letter}) = {item['probability']:.1e})" for item in found]
    return Built(
        caption=(
            f"The {count} test letters {letter} that are hardest to read, beside the one that is easiest and the mean "
            f"of all {len(members)}. The rule: of all test letters {letter}, those to which the CNN with two "
            f"convolutions gives the lowest probability of being {letter}, averaged over {seeds(run)}. "
            f"It reads {' and '.join(texts)}."
        ),
        alt=f"Two odd handwritten letters {letter} of 16 × 8 pixels, beside a clear one and the mean picture",
        data=elements(np.stack(shown), "ink", {"picture": names, "row": None, "column": None}),
        figure=letter_row(shown, names),
        facts={"letters": found, "members": len(members)},
    )


def mean_probabilities(context: ArtefactContext) -> NDArray[np.float64]:
    """Return the test probabilities of the artefact's first run, averaged over its seeds, shape (N, classes)."""
    run = context.settings.runs[0]
    stored = [context.predictions(run.run, seed)["probabilities"].astype(np.float64) for seed in run.seeds]
    mean: NDArray[np.float64] = np.mean(stored, axis=0)
    return mean
