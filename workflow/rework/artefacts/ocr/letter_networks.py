"""Curves, accuracies and kernels of the letter CNNs (writeup 000, question 1) and the letters that they find odd."""

import numpy as np
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.ocr.letter_pictures import letter_row
from rework.artefacts.recipes.accuracies import accuracy_table
from rework.artefacts.recipes.histories import TRAIN_LOSS, VALIDATION_ACCURACY, history_figure, history_panels
from rework.artefacts.recipes.kernels import kernels_figure
from rework.artefacts.result import Built
from rework.errors import ConfigError

FIRST, LAST = "convolutions.0.0.weight", "convolutions.1.0.weight"  # of the network with two convolutions


def cnn_loss(context: ArtefactContext) -> Built:
    """Figure 3: training loss of the CNN with two convolutions."""
    return history_figure(context, TRAIN_LOSS)


def cnn_accuracy(context: ArtefactContext) -> Built:
    """Figure 4: validation accuracy of the same network."""
    return history_figure(context, VALIDATION_ACCURACY)


@measures("test_accuracy")
def cnn_test_accuracy(context: ArtefactContext) -> Built:
    """Question 1.2: test accuracy of the same network."""
    return accuracy_table(context, "Test accuracy of the CNN with two convolutions", "test letters")


def conv1_kernels_grey(context: ArtefactContext) -> Built:
    """Figure 5: kernels of the first convolution in grey."""
    return kernels_figure(context, FIRST, "first", "grey")


def conv1_kernels_heatmap(context: ArtefactContext) -> Built:
    """Figure 6: the same in colours."""
    return kernels_figure(context, FIRST, "first")


def conv2_kernels_grey(context: ArtefactContext) -> Built:
    """Figure 7: kernels of the second convolution for its first input channel, in grey."""
    return kernels_figure(context, LAST, "second", "grey")


def conv2_kernels_heatmap(context: ArtefactContext) -> Built:
    """Figure 8: the same in colours."""
    return kernels_figure(context, LAST, "second")


@measures("test_accuracy")
def depth_table(context: ArtefactContext) -> Built:
    """Table 1: test accuracy by number of convolutions."""
    return accuracy_table(context, "Test accuracy by number of convolutions", "test letters")


def depth_curves(context: ArtefactContext) -> Built:
    """Question 1.4: training loss and validation accuracy of all trials of the table."""
    return history_panels(context, (TRAIN_LOSS, VALIDATION_ACCURACY))


def odd_letters(context: ArtefactContext, *, letter: str, count: int) -> Built:
    """Figure 9: the letters that the CNN finds furthest from their class, beside the mean picture of the class.

    ``letter`` is the class and ``count`` how many to show.
    """
    run = context.settings.runs[0]
    dataset = context.dataset(run.dataset)
    if letter not in dataset.classes:
        raise ConfigError(f"{context.settings.id}: options.letter {letter!r} is no class of {run.dataset}")
    label = dataset.classes.index(letter)
    probabilities = mean_probabilities(context)
    split = dataset.splits["test"]
    members = np.flatnonzero(split.targets == label)
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
            f"convolutions gives the lowest probability of being {letter}, averaged over {len(run.seeds)} seed"
            f"{'' if len(run.seeds) == 1 else 's'}. It reads {' and '.join(texts)}."
        ),
        alt=f"Two odd handwritten letters {letter} of 16 × 8 pixels, beside a clear one and the mean picture",
        data=(
            ("picture", "row", "column", "ink"),
            [
                [name, *position, float(picture[position])]
                for name, picture in zip(names, shown, strict=True)
                for position in np.ndindex(picture.shape)
            ],
        ),
        figure=letter_row(shown, names),
        facts={"letters": found, "members": len(members)},
    )


def mean_probabilities(context: ArtefactContext) -> NDArray[np.float64]:
    """Return the test probabilities of the artefact's first run, averaged over its seeds, shape (N, classes)."""
    run = context.settings.runs[0]
    stored = [context.predictions(run.run, seed)["probabilities"].astype(np.float64) for seed in run.seeds]
    mean: NDArray[np.float64] = np.mean(stored, axis=0)
    return mean
