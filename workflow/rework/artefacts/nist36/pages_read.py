"""Letters found on photographs of handwriting, and the text that networks read in them (Q4)."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext, FoundPages
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.artefacts.sentences import seeds
from rework.drawing.picture_grids import bare
from rework.drawing.style import COLOURS, FULL_WIDTH, plot_style
from rework.evaluation.statistics import estimate
from rework.handwriting.layout import Line, Word
from rework.handwriting.text import character_accuracy, edit_distance, joined


@measures(boxes=...)
@needs(datasets="photographs")
def find_letters(context: ArtefactContext) -> Built:
    """Return every page with a box around each letter found on it."""
    found = context.pages(context.settings.datasets[0])
    rows: list[dict[str, Any]] = []
    for page in found.descriptions:
        characters = len("".join(page["truth"]).replace(" ", ""))
        words = [sum(map(len, line)) for line in page["lines"]]
        expected = [len(line.replace(" ", "")) for line in page["truth"]]
        rows.append(
            {
                "page": page["name"],
                "characters": characters,
                "boxes": len(page["boxes"]),
                "lines": len(expected),
                "lines found": len(words),
                "letters of each line as written": words == expected,
            }
        )
    data = pd.DataFrame(rows)
    return Built(
        caption=(
            f"The pages with a box around each letter that was found: "
            f"{', '.join('{page} {boxes} of {characters}'.format(**row) for row in rows)}. Colours tell the "
            f"lines apart into which the boxes were grouped."
        ),
        alt=f"{len(rows)} photographs of handwritten text with a rectangle around each letter",
        data=data,
        values=tuple(
            Measured(
                row["page"], "boxes", "boxes on {page}, of {characters} characters".format(**row), exact(row["boxes"])
            )
            for row in rows
        ),
        figure=_pages_figure(found),
        facts={
            "complete": int((data["characters"] == data["boxes"]).sum()),
            "pages": len(data),
            "boxes": int(data["boxes"].sum()),
            "characters": int(data["characters"].sum()),
        },
    )


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


def _pages_figure(found: FoundPages) -> Figure:
    pages = found.descriptions
    columns = 2
    rows = -(-len(pages) // columns)
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 2.6 * rows))
        grid = figure.subplots(rows, columns, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for axes, page in zip(grid.flat, pages, strict=False):
            picture = found.pictures[page["name"]]
            scale = picture.shape[1] / page["width"]
            axes.imshow(picture, interpolation="none")
            axes.set_title(page["name"], fontsize=8)
            bare(axes)
            for number, line in enumerate(page["lines"]):
                for box in (page["boxes"][letter] for word in line for letter in word):
                    top, left, bottom, right = (value * scale for value in box)
                    axes.add_patch(
                        Rectangle(
                            (left, top),
                            right - left,
                            bottom - top,
                            fill=False,
                            linewidth=0.8,
                            edgecolor=COLOURS[number % len(COLOURS)],
                        )
                    )
    return figure
