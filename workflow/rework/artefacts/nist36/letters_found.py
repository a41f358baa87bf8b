"""Letters found on photographs of handwriting (Q4.2), by this build's recipe and by the writeup's own listing."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from rework.artefacts.context import ArtefactContext, FoundPages
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Measured, exact
from rework.drawing.picture_grids import bare
from rework.drawing.style import COLOURS, FULL_WIDTH, INK, plot_style

LISTED = "{}, by the listing"  # the key of a page's second value


@measures(boxes=...)
@needs(datasets="photographs")
def find_letters(context: ArtefactContext) -> Built:
    """Return every page with a box around each letter found on it, by both recipes."""
    found = context.pages(context.settings.datasets[0])
    rows: list[dict[str, Any]] = []
    for page in found.descriptions:
        words = [sum(map(len, line)) for line in page["lines"]]
        expected = [len(line.replace(" ", "")) for line in page["truth"]]
        rows.append(
            {
                "page": page["name"],
                "characters": sum(expected),
                "boxes": len(page["boxes"]),
                "boxes by the listing": len(page["listed_boxes"]),
                "in one box of both": same_letters(page["boxes"], page["listed_boxes"]),
                "lines": len(expected),
                "lines found": len(words),
                "letters of each line as written": words == expected,
            }
        )
    data = pd.DataFrame(rows)
    counts = "; ".join("{page} {boxes} and {boxes by the listing} of {characters}".format(**row) for row in rows)
    return Built(
        caption=(
            f"The pages with a box around each letter that was found. Found by this build (solid lines, whose colours "
            f"tell the lines apart into which the boxes were grouped) and by the writeup's own listing (dashed; its "
            f"boxes are those of thickened letters): {counts}. The two have {int(data['in one box of both'].sum())} "
            f"letters in common."
        ),
        alt=f"{len(rows)} photographs of handwritten text with two rectangles around each letter",
        data=data,
        values=tuple(_values(rows)),
        figure=_pages_figure(found),
        facts={
            "complete": int((data["characters"] == data["boxes"]).sum()),
            "listed_complete": int((data["characters"] == data["boxes by the listing"]).sum()),
            "pages": len(data),
            "boxes": int(data["boxes"].sum()),
            "listed_boxes": int(data["boxes by the listing"].sum()),
            "shared": int(data["in one box of both"].sum()),
            "characters": int(data["characters"].sum()),
        },
    )


def same_letters(boxes: ArrayLike, listed: ArrayLike) -> int:
    """Return how many boxes lie alone in one of the second kind: their centre does, and no other box's.

    Args:
        boxes: top, left, bottom, right of each, (N, 4).
        listed: likewise, (M, 4).
    """
    first = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    second = np.asarray(listed, dtype=np.float64).reshape(-1, 4)
    centres = (first[:, :2] + first[:, 2:]) / 2
    within = (centres[:, None] >= second[None, :, :2]) & (centres[:, None] < second[None, :, 2:])
    inside = np.asarray(within.all(axis=2))
    single = (inside.sum(axis=1) == 1)[:, None] & (inside.sum(axis=0) == 1)[None, :]
    return int((inside & single).sum())


def _values(rows: list[dict[str, Any]]) -> list[Measured]:
    """Return the number of boxes on each page, by this build and by the listing."""
    measured = []
    for row in rows:
        page, of = row["page"], f"of {row['characters']} characters"
        measured.append(Measured(page, "boxes", f"boxes on {page}, {of}", exact(row["boxes"])))
        listed = f"boxes on {page} by the writeup's listing, {of}"
        measured.append(Measured(LISTED.format(page), "boxes", listed, exact(row["boxes by the listing"])))
    return measured


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
            for box in page["listed_boxes"]:
                _rectangle(axes, np.array(box) * scale, edgecolor=INK, linewidth=0.5, linestyle=(0, (3, 2)))
            for number, line in enumerate(page["lines"]):
                for box in (page["boxes"][letter] for word in line for letter in word):
                    _rectangle(axes, np.array(box) * scale, edgecolor=COLOURS[number % len(COLOURS)], linewidth=0.8)
    return figure


def _rectangle(axes: Axes, box: NDArray[np.float64], **style: Any) -> None:
    """Draw a box, (4): top, left, bottom, right in pixels."""
    top, left, bottom, right = (float(side) for side in box)
    axes.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, **style))
