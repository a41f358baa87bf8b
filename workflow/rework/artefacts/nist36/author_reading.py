"""What the author's own trained network reads in the letters of the photographs: the writeup's empty Q4.4."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.nist36.pages_read import read_texts
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.errors import DataError
from rework.samples.nist36_author_network import SHAPES

AUTHOR = "the author's network"
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
    author = author_scores(context.given_weights(context.settings.weights[0]), context.crops(name))
    scores = {AUTHOR: author, run.label: context.reading(name, run.run, run.seeds[0])}
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
            f"What the author's network reads in the letters that were found, beside {run.label} (first seed). Right, "
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
            Measured(kind, "character_accuracy", f"{kind} right, {AUTHOR}", exact(right / total), unit="%")
            for kind, (right, total) in counted[AUTHOR].items()
            if total
        ),
        facts={
            "right": {reader: {kind: list(counts) for kind, counts in of.items()} for reader, of in counted.items()}
        },
    )


def author_scores(weights: Mapping[str, NDArray[Any]], crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the author's scores of each letter, shape (N, 36): sigmoid of one layer, then a linear one.

    Args:
        weights: his four arrays, in his names.
        crops: upright letters, dark on white, bytes (N, 1, 32, 32). His pictures are transposed, with paper 1.

    Raises:
        DataError: an array is missing or has another shape.
    """
    for name, shape in SHAPES.items():
        found = weights[name].shape if name in weights else None
        if found != shape:
            raise DataError(f"the author's network: {name} has the shape {found}, expected {shape}")
    inputs = crops[:, 0].transpose(0, 2, 1).reshape(len(crops), -1) / 255.0
    hidden = 1 / (1 + np.exp(-(inputs @ weights["Wlayer1"] + weights["blayer1"])))
    scores: NDArray[np.float32] = (hidden @ weights["Woutput"] + weights["boutput"]).astype(np.float32)
    return scores


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


def share_interval(right: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927), for the chance in which of such letters are met.

    >>> [round(limit, 3) for limit in share_interval(6, 15)]
    [0.198, 0.643]
    """
    z = 1.959963984540054
    middle = (right + z**2 / 2) / (total + z**2)
    half = z * sqrt(right * (total - right) / total + z**2 / 4) / (total + z**2)
    return middle - half, middle + half


def _words(kind: str, right: int, total: int) -> str:
    low, high = (100 * limit for limit in share_interval(right, total))
    return f"{right} of {total} {kind} ({low:.0f} to {high:.0f} %)"
