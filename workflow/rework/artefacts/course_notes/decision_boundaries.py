"""The boundary that a single unit learns: a line, a plane, and a hyperplane that nobody can draw (1.1)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.course_notes.admission_inputs import ranks_apart
from rework.artefacts.course_notes.scatter import MARKERS, draw_line, draw_points
from rework.artefacts.course_notes.single_units import accuracy_of, cross_entropy_of, fitted_unit, scores_of
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Table
from rework.drawing.style import COLOURS, FULL_WIDTH, INK, plot_style

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Separated:
    """Points (N, features) of the classes 0 and 1 and the unit (features + 1,) that was fitted to them."""

    kind: str
    names: tuple[str, ...]
    points: Floats
    labels: Floats
    unit: Floats


@needs(datasets=("two-class-points", "admissions"))
def decision_boundaries(context: ArtefactContext) -> Built:
    """Fit a unit to points in two, three and more dimensions: the course's points, and the admissions."""
    points, students = (context.table(name) for name in context.settings.datasets)
    admitted = students["admit"].to_numpy()
    apart = ranks_apart(students)
    cases = [
        _fitted("line", ("x1", "x2"), points[["x1", "x2"]].to_numpy(), points["label"].to_numpy()),
        _fitted("plane", ("gre", "gpa", "rank"), students[["gre", "gpa", "rank"]].to_numpy(), admitted),
        _fitted("hyperplane", tuple(map(str, apart.columns)), apart.to_numpy(), admitted),
    ]
    rows = [_row(case) for case in cases]
    return Built(
        caption=(
            f"What a single unit learns by gradient descent on all points at once: a line between {rows[0]['points']} "
            f"points in two dimensions, with {rows[0]['accuracy']:.0%} of them on the right side, and a plane between "
            f"{rows[1]['points']} students in three, with {rows[1]['accuracy']:.1%}. With a separate input for each "
            f"rank there are {rows[2]['inputs']} dimensions, and the hyperplane between them cannot be drawn."
        ),
        alt=(
            "A scatter plot of two classes of points with the line between them, and a plot in three dimensions of "
            "students by two results and rank with the plane between the admitted and the others"
        ),
        data=pd.concat([_frame(case) for case in cases], ignore_index=True),
        table=Table.of(
            pd.DataFrame(rows),
            Column("boundary", "boundary"),
            Column("points", "points", "right"),
            Column("inputs", "inputs", "right"),
            Column("equation", "equation"),
            Column("accuracy", "on the right side", "right", "%", 1),
            Column("majority", "if all were in the larger class", "right", "%", 1),
            Column("loss", "cross-entropy, nats", "right", decimals=4),
        ),
        figure=_figure(cases[0], cases[1]),
        facts={row["boundary"]: {"accuracy": row["accuracy"], "majority": row["majority"]} for row in rows},
    )


def _fitted(kind: str, names: tuple[str, ...], points: Floats, labels: Floats) -> Separated:
    return Separated(kind, names, points, labels, fitted_unit(points, labels))


def _row(case: Separated) -> dict[str, Any]:
    share = float(case.labels.mean())
    return {
        "boundary": case.kind,
        "points": len(case.points),
        "inputs": case.points.shape[1],
        "equation": _equation(case),
        "accuracy": float(accuracy_of(case.unit, case.points, case.labels)),
        "majority": max(share, 1 - share),
        "loss": float(cross_entropy_of(case.unit, case.points, case.labels)),
    }


def _equation(case: Separated) -> str:
    """Return the equation of the boundary, as in ``−8.25 · x₁ − 7.61 · x₂ + 8.3 = 0``."""
    # A letter x between digits would be set as a sign of multiplication.
    names = [name.replace("x1", "x₁").replace("x2", "x₂") for name in case.names]
    terms = [f"{weight:+.3g} · {name}" for weight, name in zip(case.unit, names, strict=False)]
    text = " ".join([*terms, f"{case.unit[-1]:+.3g}"]) + " = 0"
    return text.removeprefix("+").replace(" +", " + ").replace(" -", " − ").replace("-", "−")


def _frame(case: Separated) -> pd.DataFrame:
    """Return the points with their class and their score, whose sign says on which side they lie."""
    data = pd.DataFrame(case.points, columns=list(case.names))
    data = data.assign(label=case.labels.astype(int), score=scores_of(case.unit, case.points))
    return data.assign(boundary=case.kind)[["boundary", *case.names, "label", "score"]]


def _figure(line: Separated, plane: Separated) -> Figure:
    with plot_style():
        figure = Figure(figsize=(FULL_WIDTH, 3.3))
        grid = figure.add_gridspec(1, 2, width_ratios=[1, 1.25])
        left = figure.add_subplot(grid[0])
        draw_points(left, line.points, line.labels)
        draw_line(left, line.unit, color=INK, linewidth=1.8)
        left.set_ylabel("x₂")
        left.set_title("a line in two dimensions")
        _legend_below(left, -0.17)
        right = figure.add_subplot(grid[1], projection="3d")
        right.set_title("a plane in three dimensions")
        _draw_plane(right, plane)
    return figure


def _draw_plane(axes: Any, case: Separated) -> None:
    """Draw the students and the part of the plane that lies among them into axes in three dimensions."""
    for kind, name in enumerate(("not admitted", "admitted")):
        chosen = case.points[case.labels == kind]
        axes.scatter(
            *chosen.T, s=4.5, color=COLOURS[kind], marker=MARKERS[kind], linewidth=0, depthshade=False, label=name
        )
    low, high = case.points.min(axis=0), case.points.max(axis=0)
    gre, rank = np.meshgrid(np.linspace(low[0], high[0], 41), np.linspace(low[2], high[2], 41))
    gpa = -(case.unit[0] * gre + case.unit[2] * rank + case.unit[3]) / case.unit[1]
    gpa = np.where((gpa >= low[1]) & (gpa <= high[1]), gpa, np.nan)
    # As a picture: its 1,600 facets would cost the PDF a second.
    axes.plot_surface(gre, gpa, rank, color=COLOURS[2], alpha=0.5, linewidth=0, shade=False, rasterized=True)
    axes.set_xlabel("gre", labelpad=-4)
    axes.set_ylabel("gpa", labelpad=-4)
    axes.set_zlabel("rank", labelpad=-6)
    axes.set_zticks(range(int(low[2]), int(high[2]) + 1))
    axes.locator_params(axis="x", nbins=4)
    axes.locator_params(axis="y", nbins=4)
    axes.tick_params(labelsize=6.5, pad=-2)
    axes.view_init(elev=14, azim=-40)
    axes.set_box_aspect(None, zoom=0.95)
    _legend_below(axes, -0.03)


def _legend_below(axes: Any, height: float) -> None:
    """Name the classes below axes, where no point can lie; ``height`` is a share of theirs."""
    axes.legend(fontsize=7.5, loc="upper center", bbox_to_anchor=(0.5, height), ncols=2, handletextpad=0.1)
