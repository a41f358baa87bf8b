"""The text that networks read in the letters found on photographs of handwriting (Q4.4)."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table
from rework.artefacts.sentences import seeds
from rework.evaluation.statistics import estimate
from rework.handwriting.layout import Line, Word
from rework.handwriting.text import character_accuracy, edit_distance, joined


@measures("character_accuracy")
@needs(datasets="photographs", runs=(1, ...), trained=("classification", "numpy-classifier"), data="nist36")
def extracted_text(context: ArtefactContext) -> Built:
    """Return the text that each run reads, beside the true text, and the share of correct characters.

    The texts come from the first seed; accuracies are over all seeds.
    """
    name, runs = context.settings.datasets[0], context.settings.runs
    classes = tuple(context.dataset_info(runs[0].dataset)["classes"])
    pages = context.pages(name).descriptions
    order = {page["name"]: number for number, page in enumerate(pages)}
    rows: list[dict[str, Any]] = []
    scores: dict[str, list[float]] = {run.run: [] for run in runs}
    values: list[Measured] = []
    for run in runs:
        readings = [read_texts(pages, context.reading(name, run.run, seed), classes) for seed in run.seeds]
        for number, page in enumerate(pages):
            truth = "\n".join(page["truth"])
            accuracies = [character_accuracy(texts[number], truth) for texts in readings]
            rows.append(
                {
                    "page": page["name"],
                    "run": run.label,
                    "text": readings[0][number].replace("\n", " / "),
                    "truth": truth.replace("\n", " / "),
                    "accuracy": float(np.mean(accuracies)),
                }
            )
        scores[run.run] = [_all_pages(texts, pages) for texts in readings]
        values.append(
            Measured(
                run.run, "character_accuracy", f"{run.label}, all pages", estimate(scores[run.run]), run.seeds, "%"
            )
        )
    data = pd.DataFrame(rows).sort_values("page", key=lambda names: names.map(order), kind="stable")
    best = max(values, key=lambda value: value.estimate.mean)
    return Built(
        caption=(
            f"What each network reads in the letters that were found (first seed), and the share of characters that "
            f"are right, by edit distance without blanks, over {seeds(runs[0])}. "
            f"Best over all pages: {best.label.partition(',')[0]}, "
            f"{100 * best.estimate.mean:.1f} %."
        ),
        data=data.rename(columns={"accuracy": "characters right"}),
        table=Table.of(
            data,
            Column("page", "page"),
            Column("run", "read by"),
            Column("text", "text, lines divided by a slash"),
            Column("accuracy", "characters right", "right", "%", 1),
        ),
        values=tuple(values),
        facts={
            "best": best.label.partition(",")[0],
            "best_accuracy": best.estimate.mean,
            "truths": {page["name"]: page["truth"] for page in pages},
            "accuracies": {value.key: value.estimate.mean for value in values},
        },
    )


def read_texts(
    pages: list[dict[str, Any]], log_probabilities: NDArray[np.float32], classes: tuple[str, ...]
) -> list[str]:
    """Return the text of each page: the most likely class of each letter, in lines and words.

    Args:
        pages: as the step ``pages`` describes them; their letters are concatenated in this order.
        log_probabilities: of all letters, shape (N, classes).
        classes: names of the classes.
    """
    labels = log_probabilities.argmax(axis=1)
    texts, first = [], 0
    for page in pages:
        count = len(page["boxes"])
        characters = [classes[label] for label in labels[first : first + count]]
        texts.append(joined(page_lines(page), characters))
        first += count
    return texts


def page_lines(page: dict[str, Any]) -> tuple[Line, ...]:
    """Return the lines of a page from its description."""
    return tuple(Line(tuple(Word(tuple(word)) for word in line)) for line in page["lines"])


def _all_pages(texts: list[str], pages: list[dict[str, Any]]) -> float:
    """Return the share of correct characters over all pages together."""
    truths = ["".join(page["truth"]).replace(" ", "") for page in pages]
    read = ["".join(text.split()) for text in texts]
    wrong = sum(edit_distance(text, truth) for text, truth in zip(read, truths, strict=True))
    return max(0.0, 1 - wrong / sum(map(len, truths)))
