"""Tall plots are cut between their rows of panels, and the strips together show what the plot shows."""

import itertools
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from rework.drawing.curves import Curve, CurvePanel, curve_panels
from rework.drawing.picture_grids import picture_rows
from rework.drawing.style import plot_style, svg_text
from rework.report.strips import strips
from workflow_copy import REPOSITORY

SVG = "{http://www.w3.org/2000/svg}"
PLOTS = sorted((REPOSITORY / "results/reference/artefacts").glob("*/*.svg"))


def panels(rows, columns=2):
    curve = Curve("training", np.random.default_rng(0).random((3, 20)))
    other = Curve("validation", np.random.default_rng(1).random((3, 20)) * 1e-5)
    panel = CurvePanel((curve, other), "loss (nats)")
    return svg_text(curve_panels([panel] * (rows * columns), columns), "a/plot")


def box(strip):
    return [float(number) for number in ElementTree.fromstring(strip).get("viewBox").split()]


def groups(svg):
    return re.findall(r'<g id="[^"]*(axes_\d+|legend_\d+)"', svg)


def test_a_strip_holds_one_row_of_panels_and_the_first_the_legend():
    drawn = strips(panels(3))
    assert [groups(strip) for strip in drawn] == [
        ["axes_1", "axes_2", "legend_1"],
        ["axes_3", "axes_4"],
        ["axes_5", "axes_6"],
    ]


def test_strips_stack_to_the_plot():
    whole = panels(4)
    boxes = [box(strip) for strip in strips(whole)]
    left, top, width, height = box(whole)
    assert all(one[0] == left and one[2] == width for one in boxes)
    assert boxes[0][1] == top
    assert sum(one[3] for one in boxes) == pytest.approx(height, abs=0.01)
    for above, below in itertools.pairwise(boxes):
        assert below[1] == pytest.approx(above[1] + above[3], abs=0.01)
    for strip, one in zip(strips(whole), boxes, strict=True):
        assert f'height="{one[3]:.3f}pt"' in strip


def test_markers_that_several_rows_share_are_defined_in_each_strip():
    with plot_style():
        figure = Figure()
        for axes in figure.subplots(3, 1):
            axes.scatter([0, 1], [0, 1], marker="^")
            axes.plot([0, 1], marker="o")
    drawn = strips(svg_text(figure, "a/scatter"))
    assert len(drawn) == 3
    for strip in drawn:
        used = set(re.findall(r'<use xlink:href="#([^"]+)"', strip))
        assert used
        assert used <= set(re.findall(r' id="([^"]+)"', strip))


def test_a_single_row_stays_whole():
    whole = panels(1)
    assert strips(whole) == [whole]


def test_what_spans_the_rows_holds_them_together():
    with plot_style():
        figure = Figure(figsize=(4, 3))
        for axes in figure.subplots(2, 1):
            axes.plot([0, 1])
        assert len(strips(svg_text(figure, "a/plot"))) == 2
        figure.supylabel("the label of both rows, which is long")
        assert len(strips(svg_text(figure, "a/plot"))) == 1


def test_pictures_without_a_frame_stay_under_their_titles():
    pictures = np.random.default_rng(0).random((16, 8, 8))
    drawn = strips(
        svg_text(picture_rows([("one", pictures), ("two", pictures), ("three", pictures)], 16, ""), "a/plot")
    )
    assert [strip.count("<image") for strip in drawn] == [1, 1, 1]
    assert [word in strip for word, strip in zip(("one", "two", "three"), drawn, strict=True)] == [True] * 3


@pytest.mark.parametrize("path", PLOTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_cut_goes_through_a_panel_or_a_word_of_the_reference(path):
    whole = path.read_text(encoding="utf-8")
    drawn = strips(whole)
    assert sorted(part for strip in drawn for part in groups(strip)) == sorted(groups(whole))
    assert sum(strip.count("<text") for strip in drawn) == whole.count("<text")
    for strip in drawn if drawn[1:] else ():
        _, top, _, height = box(strip)
        for text in ElementTree.fromstring(strip).iter(f"{SVG}text"):
            if "rotate(-0" in text.get("transform", ""):
                assert top < float(text.get("y")) < top + height
