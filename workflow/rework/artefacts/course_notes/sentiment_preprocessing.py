"""Reviews before and after their preparation (section 6.2): lengths, vocabulary, and one of them step by step."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Measured, exact
from rework.datasets.labelled_texts import stored_text, stored_words
from rework.datasets.layouts import SPLITS
from rework.datasets.plain_words import PADDING, plain_words
from rework.datasets.store import StoredDataset
from rework.drawing.style import COLOURS, FULL_WIDTH, INK, plot_style
from rework.errors import DataError
from rework.messages import with_blanks
from rework.settings.ranges import Count, Few

_Counts = NDArray[np.int64]


@measures(count=("longest", "vocabulary", "reviews"))
@needs(datasets="reviews")
def sentiment_preprocessing(context: ArtefactContext, *, least: Count, bins: Few) -> Built:
    """Return how long the reviews of a data set are, how frequent their words, and what becomes of one.

    Args:
        context: the artefact, with one data set.
        least: words that the shown review has at the least; it is the shortest such one of the training split.
        bins: of the histograms.
    """
    dataset = context.dataset(context.settings.datasets[0])
    words = stored_words(dataset)
    lengths = np.concatenate([dataset.splits[name].arrays["lengths"] for name in SPLITS])
    kept = dataset.splits["train"].inputs.shape[1]
    counts = _frequencies(dataset, len(words))
    cut, filled = int((lengths > kept).sum()), int((lengths < kept).sum())
    edges = np.unique(np.linspace(0, lengths.max() + 1, bins + 1).round().astype(np.int64))
    values = {
        "longest": ("words of the longest review", int(lengths.max())),
        "vocabulary": ("different words", len(words)),
        "reviews": ("reviews", len(lengths)),
    }
    return Built(
        caption=(
            f"Left: the words of {with_blanks(len(lengths))} reviews, from {lengths.min()} to "
            f"{with_blanks(int(lengths.max()))}, {np.median(lengths):.0f} in the median; the dotted line is at {kept}. "
            f"Middle: how many are left of them when {100 * cut / len(lengths):.0f} % of the reviews are cut to {kept} "
            f"words; {100 * filled / len(lengths):.0f} % are shorter and get zeros in front. Right: how often each "
            f"of the {with_blanks(int((counts > 0).sum()))} words that are left occurs, the most frequent first."
        ),
        alt="Two histograms of the numbers of words of reviews, and a curve of the frequencies of words by rank",
        data=pd.concat(
            [
                _histogram("before", lengths, edges),
                _histogram("after", np.minimum(lengths, kept), _short_edges(kept)),
            ]
        ),
        values=tuple(Measured(key, "count", label, exact(count)) for key, (label, count) in values.items()),
        figure=_figure(lengths, kept, edges, counts),
        facts={
            "kept": kept,
            "cut": cut / len(lengths),
            "median": float(np.median(lengths)),
            "once": int((counts == 1).sum()),
            "unused": int((counts == 0).sum()),
            "commonest": list(words[:5]),
            "example": _example(dataset, least),
        },
    )


def _frequencies(dataset: StoredDataset, words: int) -> _Counts:
    """Return how often each word occurs in the numbers of all splits, in the order of the vocabulary."""
    parts = [np.bincount(dataset.splits[name].inputs.ravel(), minlength=words + 1) for name in SPLITS]
    found: _Counts = np.sum(parts, axis=0)
    return found[PADDING + 1 :]


def _short_edges(kept: int) -> NDArray[np.float64]:
    """Return where the bins of shortened reviews begin and end."""
    return np.linspace(0, kept, 21)


def _histogram(stage: str, lengths: _Counts, edges: NDArray[Any]) -> pd.DataFrame:
    counted, _ = np.histogram(lengths, edges)
    return pd.DataFrame({"stage": stage, "from": edges[:-1], "below": edges[1:], "reviews": counted})


def _example(dataset: StoredDataset, least: int) -> dict[str, object]:
    """Return the stages of the shortest training review that has at least so many words; of equals, the first."""
    split = dataset.splits["train"]
    lengths = np.asarray(split.arrays["lengths"])
    if lengths.max() < least:
        raise DataError(f"data set {dataset.name}: no training review has {least} words; lower option least")
    row = int(np.where(lengths >= least, lengths, lengths.max() + 1).argmin())
    text = stored_text(split, row)
    numbers = [int(number) for number in split.inputs[row]]
    return {
        "text": text,
        "words": plain_words(text),
        "numbers": [number for number in numbers if number != PADDING],
        "zeros": numbers.count(PADDING),
        "label": dataset.classes[int(split.targets[row])],
    }


def _figure(lengths: _Counts, kept: int, edges: _Counts, counts: _Counts) -> Figure:
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.4))
        before, after, ranks = figure.subplots(1, 3)
        before.hist(lengths, edges, color=COLOURS[0])
        before.axvline(kept, color=INK, linestyle=":", linewidth=1.2)
        before.set_xlabel("words of a review")
        after.hist(np.minimum(lengths, kept), _short_edges(kept), color=COLOURS[1])
        after.set_xlabel("words that are left")
        for axes in (before, after):
            axes.set_ylabel("reviews")
            axes.locator_params(axis="x", nbins=5)
        shown = np.sort(counts[counts > 0])[::-1]
        ranks.plot(np.arange(1, len(shown) + 1), shown, color=COLOURS[2])
        ranks.set_xscale("log")
        ranks.set_yscale("log")
        ranks.set_xlabel("rank of a word")
        ranks.set_ylabel("occurrences")
    return figure
