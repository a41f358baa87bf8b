"""Filters and pooling on the course's photograph of a road (3.2, 3.3 and 3.6)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.course_notes.image_filters import (
    KERNELS,
    Border,
    Floats,
    Grey,
    filtered,
    pooled,
    responses,
    to_grey,
)
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.drawing.grey_pictures import GreyPicture, grey_pictures
from rework.settings.ranges import Whole

PRINTED = {"grey": "grey levels", "sobel-y": "Sobel y"}
ROWS = ("1", "2", "3", "3rd\u00a0last", "2nd\u00a0last", "last")  # those that numpy prints
CORNER = 12  # rows and columns of the corner that shows the borders
BORDERS: Mapping[Border, str] = {
    "zeros": "padding: zeros around it",
    "cropped": "cropping: outermost left out",
    "extended": "extension: outermost repeated",
    "mirrored": "mirrored, as OpenCV does",
}


@measures(response=("worked-example",), different_values=("grey", "sobel-y"))
@needs(datasets="road-photograph")
def edge_filters(
    context: ArtefactContext,
    *,
    pixels: tuple[tuple[Whole, ...], ...],
    printed: Mapping[str, tuple[tuple[Whole, ...], ...]],
) -> Built:
    """Return edge filters of the photograph, the worked example, and what the notes print of two pictures.

    Args:
        context: the artefact.
        pixels: the nine pixels of the worked example.
        printed: for ``grey`` and ``sobel-y``, what numpy prints: the outermost three rows and columns on each side.
    """
    name, grey = _photograph(context)
    sums = {kernel: responses(grey, KERNELS[kernel]) for kernel in ("sobel-x", "sobel-y", "high-pass")}
    levels = {"grey": grey, "sobel-y": filtered(grey, KERNELS["sobel-y"])}
    corners = {key: outermost(levels[key]) for key in PRINTED}
    wrong = {key: int((corners[key] != np.array(printed[key])).sum()) for key in PRINTED}
    example = float((np.array(pixels) * KERNELS["high-pass"]).sum())
    strength = np.hypot(sums["sobel-x"], sums["sobel-y"])
    panels = [
        GreyPicture("grey picture", grey),
        GreyPicture("Sobel y, as in the notes", levels["sobel-y"]),
        GreyPicture("Sobel y with negative values", sums["sobel-y"], around_zero=True),
        GreyPicture("Sobel x, as bytes", filtered(grey, KERNELS["sobel-x"])),
        GreyPicture("high-pass, as bytes", filtered(grey, KERNELS["high-pass"])),
        GreyPicture("size of the gradient (Sobel)", strength.clip(0, 255)),
    ]
    count = corners["grey"].size
    return Built(
        caption=(
            f"Edge filters on {name}, {_size(grey)} pixels, drawn smaller. Bytes cannot be negative: of Sobel y, "
            f"{100 * (sums['sobel-y'] < 0).mean():.1f} % of the pixels are below 0 and become 0, and "
            f"{100 * (sums['sobel-y'] > 255).mean():.1f} % are above 255. The third panel has a scale of its own, from "
            f"black ({sums['sobel-y'].min():.0f}) over grey (0) to white ({-sums['sobel-y'].min():.0f} and more). The "
            f"table has the {count} values that numpy prints of a large picture, here and in the notes."
        ),
        alt=f"The grey picture and five filtered ones: edges of {name} in white on black",
        data=printed_table(corners, printed),
        values=(
            *(
                Measured(
                    key, "different_values", f"printed values of {words} that differ, of {count}", exact(wrong[key])
                )
                for key, words in PRINTED.items()
            ),
            Measured("worked-example", "response", "worked example of the high-pass kernel", exact(example)),
        ),
        table=_printed_rows(corners, printed),
        figure=grey_pictures(panels, columns=3),
        facts={
            "wrong": wrong,
            "printed": count,
            "example": example,
            "pixels": [list(row) for row in pixels],
            "negative": float((sums["sobel-y"] < 0).mean()),
            "sums": {kernel: float(KERNELS[kernel].sum()) for kernel in sums},
        },
    )


@needs(datasets="road-photograph")
def other_filters(context: ArtefactContext) -> Built:
    """Return four more kernels, and what four ways to treat the border do to a corner of the blurred picture."""
    name, grey = _photograph(context)
    kernels = ("blur", "sharpen", "emboss", "outline")
    results = {border: filtered(grey, KERNELS["blur"], border) for border in BORDERS}
    panels = [GreyPicture(kernel, filtered(grey, KERNELS[kernel])) for kernel in kernels]
    corners = {words: results[border][:CORNER, : 2 * CORNER] for border, words in BORDERS.items()}
    panels += [GreyPicture(words, corner, pixelated=True) for words, corner in corners.items()]
    rows = [_border_row(results, border) for border in BORDERS]
    data = pd.DataFrame(rows)
    return Built(
        caption=(
            f"Above, four kernels on {name}. Below, the upper left corner ({2 * CORNER} × {CORNER} pixels) of the "
            "blurred picture, with four ways to treat the border. The kernels reach one pixel beyond the edge, so only "
            "the outermost rows and columns can differ."
        ),
        alt=f"Blurred, sharpened, embossed and outlined {name}, and four enlarged corners that differ at their edges",
        data=data,
        table=Table.of(
            data,
            Column("border", "border"),
            Column("size", "size of the result", "right"),
            Column("level", "mean of its outermost pixels", "right", "", 2),
            Column("difference", "mean difference there from the mirrored", "right", "", 2),
            Column("inside", "pixels elsewhere that differ", "right"),
        ),
        figure=grey_pictures(panels, columns=4),
        facts={
            "levels": {row["key"]: row["level"] for row in rows},
            "differences": {row["key"]: row["difference"] for row in rows},
            "inside": sum(row["inside"] for row in rows),
            "sums": {kernel: float(KERNELS[kernel].sum()) for kernel in kernels},
        },
    )


@needs(datasets="road-photograph")
def pooling(context: ArtefactContext) -> Built:
    """Return max and average pooling of the edges of the photograph, and how much each changes if it moves a pixel."""
    name, grey = _photograph(context)
    edges = filtered(grey, KERNELS["sobel-y"]).astype(np.float64)
    once = {kind: pooled(edges, kind) for kind in ("max", "average")}
    often = {kind: _repeated(edges, kind, 3) for kind in ("max", "average")}
    panels = [GreyPicture("Sobel y", edges)]
    panels += [GreyPicture(f"{kind} pooling, once", picture) for kind, picture in once.items()]
    panels += [GreyPicture("its middle, enlarged", _middle(edges, 8), pixelated=True)]
    panels += [
        GreyPicture(f"{kind} pooling, three times", _middle(picture, 1), pixelated=True)
        for kind, picture in often.items()
    ]
    rows = _shift_rows(edges)
    data = pd.DataFrame(rows)
    return Built(
        caption=(
            f"Pooling over 2 × 2 pixels with stride 2 of the edges in {name}: {_size(edges)} pixels become "
            f"{_size(once['max'])} and, after three times, {_size(often['max'])}. Below, the same part of the picture "
            f"before and after, each pixel as a square. The table: how much a picture changes, relative to its mean "
            f"level, if the photograph moves one pixel to the right."
        ),
        alt="Edges of a road, and the same in fewer and larger pixels, brighter with max pooling than with the average",
        data=data,
        table=Table.of(
            data,
            Column("picture", "picture"),
            Column("size", "size", "right"),
            Column("mean", "mean level", "right", "", 1),
            Column("change", "change by a shift of one pixel", "right", "%", 1),
        ),
        figure=grey_pictures(panels, columns=3),
        facts={name: {row["key"]: row[name] for row in rows} for name in ("change", "mean")},
    )


def outermost(picture: NDArray[Any], edge: int = 3) -> NDArray[Any]:
    """Return the outermost rows and columns on each side, 2 ``edge`` x 2 ``edge``: what numpy prints of a picture."""
    rows, columns = (np.r_[:edge, side - edge : side] for side in picture.shape)
    return picture[np.ix_(rows, columns)]


def shift_change(before: Floats, after: Floats) -> float:
    """Return the mean difference of two pictures of one size, as a share of the mean level of the first."""
    return float(np.abs(after - before).mean() / before.mean())


def printed_table(corners: Mapping[str, NDArray[Any]], printed: Mapping[str, Sequence[Sequence[int]]]) -> pd.DataFrame:
    """Return a row for each printed value: its place, counted from the end if negative, and what was found there."""
    size = len(corners["grey"])
    places = [*range(size // 2), *range(-(size // 2), 0)]
    rows = [(row, column) for row in places for column in places]
    table = pd.DataFrame(rows, columns=["row", "column"])
    for key in PRINTED:
        table[key] = corners[key].ravel()
        table[f"{key} printed"] = np.array(printed[key]).ravel()
    return table


def _photograph(context: ArtefactContext) -> tuple[str, Grey]:
    """Return the name in words of the data set's only picture, and the picture in grey."""
    dataset = context.settings.datasets[0]
    ((name, picture),) = context.pictures(dataset).items()
    kind = "the drawn road" if context.dataset_info(dataset)["sample"] else "the photograph"
    return f"{kind} {name}.jpg", to_grey(picture)


def _printed_rows(corners: Mapping[str, NDArray[Any]], printed: Mapping[str, Sequence[Sequence[int]]]) -> Table:
    columns = [Column("row", "row")]
    for key, words in PRINTED.items():
        columns += [Column(key, words, "right"), Column(f"{key} printed", "in the notes", "right")]
    half = len(corners["grey"]) // 2
    rows: list[dict[str, str]] = []
    for place in range(2 * half):
        row = {"row": ROWS[place]}
        for key in PRINTED:
            row[key], row[f"{key} printed"] = _as_printed(corners[key][place]), _as_printed(printed[key][place])
        rows.append(row)
    return Table(tuple(columns), tuple(rows))


def _as_printed(values: Sequence[int]) -> str:
    half = len(values) // 2
    return "\u00a0".join([*map(str, values[:half]), "…", *map(str, values[half:])])


def _border_row(results: Mapping[Border, Grey], border: Border) -> dict[str, Any]:
    result = results[border]
    row = {"key": border, "border": BORDERS[border], "size": _size(result), "level": float(_frame(result).mean())}
    if border == "cropped":
        inner = result == results["mirrored"][1:-1, 1:-1]
        return {**row, "difference": None, "inside": int((~inner).sum())}
    apart = np.abs(result.astype(np.float64) - results["mirrored"])
    return {**row, "difference": float(_frame(apart).mean()), "inside": int((apart[1:-1, 1:-1] > 0).sum())}


def _frame(picture: NDArray[Any]) -> NDArray[Any]:
    """Return the outermost pixels of a picture, each once, shape (N,)."""
    return np.concatenate([picture[0], picture[-1], picture[1:-1, 0], picture[1:-1, -1]])


def _repeated(picture: Floats, kind: Any, times: int) -> Floats:
    for _ in range(times):
        picture = pooled(picture, kind)
    return picture


def _middle(picture: Floats, scale: int) -> Floats:
    """Return a quarter of a picture, from its middle, with bounds that are multiples of ``scale`` pixels."""
    parts = []
    for side in picture.shape:
        units = side // scale
        parts.append(slice(3 * units // 8 * scale, (3 * units // 8 + units // 4) * scale))
    return picture[tuple(parts)]


def _shift_rows(edges: Floats) -> list[dict[str, Any]]:
    # Cut, so that the shifted picture has what lies beyond the edge of the other.
    before, after = edges[:, 1:], edges[:, :-1]
    rows: list[dict[str, Any]] = []
    pictures = {"none": "as it is", "max": "max pooling", "average": "average pooling"}
    for key, words in pictures.items():
        one, other = (before, after) if key == "none" else (_repeated(part, key, 1) for part in (before, after))
        rows.append(
            {"key": key, "picture": words, "size": _size(one), "mean": one.mean(), "change": shift_change(one, other)}
        )
    return rows


def _size(picture: NDArray[Any]) -> str:
    return f"{picture.shape[1]} × {picture.shape[0]}"
