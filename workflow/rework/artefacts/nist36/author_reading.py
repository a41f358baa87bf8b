"""What the author's own trained network reads in the letters of the photographs: the writeup's empty Q4.4."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from scipy.stats import binomtest

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.nist36.pages_read import read_texts
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.handwriting.author_network import author_scores

AUTHOR, GENERATED = "the author's network", "random weights in place of the author's network"
KINDS = {"letters": str.isalpha, "digits": str.isdigit}


@measures(character_accuracy=("letters", "digits"))
@needs(datasets="photographs", weights=1, runs=1, trained="classification", data="nist36")
def author_reading(context: ArtefactContext) -> Built:
    """Return the text that the author's network reads, beside that of one of our runs, and the shares that are right.

    Letters and digits are counted on pages where as many letters were found as there are in each line.
    """
    name, run = context.settings.datasets[0], context.settings.runs[0]
    classes = tuple(context.dataset_info(run.dataset)["classes"])
    pages = context.pages(name).descriptions
    asset = context.settings.weights[0]
    author = GENERATED if context.weights_info(asset)["sample"] else AUTHOR
    scores = {
        author: author_scores(context.given_weights(asset), context.crops(name)),
        run.label: context.reading(name, run.run, run.seeds[0]),
    }
    texts = {reader: read_texts(pages, found, classes) for reader, found in scores.items()}
    rows = [
        {"page": page["name"], "reader": reader, "text": texts[reader][number].replace("\n", " / ")}
        for number, page in enumerate(pages)
        for reader in texts
    ]
    counted = {reader: right_of_kinds(pages, found) for reader, found in texts.items()}
    sentences = [
        f"{reader}: {', '.join(_words(kind, *counts) for kind, counts in kinds.items() if counts[1])}"
        for reader, kinds in counted.items()
    ]
    data = pd.DataFrame(rows)
    return Built(
        caption=(
            f"Letters that were found, as read by {author} and by {run.label} (first seed). Right, "
            f"with the 95 % interval of such a share: {'; '.join(sentences)}."
        ),
        data=data,
        table=Table.of(
            data,
            Column("page", "page"),
            Column("reader", "read by"),
            Column("text", "text, lines divided by a slash"),
        ),
        values=tuple(
            Measured(kind, "character_accuracy", f"{kind} right, {author}", exact(right / total), unit="%")
            for kind, (right, total) in counted[author].items()
            if total
        ),
        facts={
            "right": {reader: {kind: list(counts) for kind, counts in of.items()} for reader, of in counted.items()}
        },
    )


def right_of_kinds(pages: Sequence[Mapping[str, Any]], texts: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return for letters and digits how many were read right, and of how many, place by place in each line."""
    counts = dict.fromkeys(KINDS, (0, 0))
    for page, text in zip(pages, texts, strict=True):
        lines, truths = (["".join(line.split()) for line in found] for found in (text.split("\n"), page["truth"]))
        if [len(line) for line in lines] != [len(line) for line in truths]:
            continue  # which letter stands for which is then not known
        pairs = list(zip("".join(lines), "".join(truths), strict=True))
        for kind, belongs in KINDS.items():
            of_kind = [read == true for read, true in pairs if belongs(true)]
            counts[kind] = counts[kind][0] + sum(of_kind), counts[kind][1] + len(of_kind)
    return counts


def _words(kind: str, right: int, total: int) -> str:
    interval = binomtest(right, total).proportion_ci(0.95, "wilson")
    return f"{right} of {total} {kind} ({100 * interval.low:.0f} to {100 * interval.high:.0f} %)"
