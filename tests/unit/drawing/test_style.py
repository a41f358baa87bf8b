"""Drawings as text: the same bytes whatever the last digits of the layout are, and ids of the artefact's own."""

import io
import re

from matplotlib.figure import Figure
from rework.drawing.style import plot_style, svg_text


def drawing(shift):
    with plot_style():
        figure = Figure(figsize=(3, 2), layout="none")
        for left in (0.1, 0.6):
            figure.add_axes((left + shift, 0.1, 0.3, 0.8)).plot([0, 1], [0, 1])
    return svg_text(figure, "writeup/artefact")


def test_last_digits_of_the_layout_change_no_byte():
    """They differ between processes, and matplotlib makes ids of them."""
    assert drawing(0) == drawing(3e-15)
    assert drawing(0) != drawing(0.01)


def test_every_clip_path_is_there_and_belongs_to_the_artefact():
    made = drawing(0)
    defined = re.findall(r'<clipPath id="([^"]*)"', made)
    assert defined == ["writeup-artefact-clip-1", "writeup-artefact-clip-2"]
    assert set(re.findall(r"url\(#([^)]*)\)", made)) == set(defined)


def test_the_layout_is_the_one_of_savefig():
    """That draws everything twice for it."""

    def panels():
        with plot_style():
            figure = Figure(figsize=(4, 2))
            for axes in figure.subplots(1, 2):
                axes.plot([0, 1000], [0, 0.001], label="a line")
                axes.set(title="title", xlabel="label")
                axes.legend()
        return figure

    def places(figure):
        return [axes.get_position().bounds for axes in figure.axes]

    plain, ours = panels(), panels()
    before = places(plain)
    with plot_style():
        plain.savefig(io.StringIO(), format="svg")
    svg_text(ours, "writeup/artefact")
    assert places(ours) == places(plain) != before


def test_titles_with_symbols_raise_no_warning(caplog):
    with plot_style():
        figure = Figure(figsize=(3, 2))
        figure.subplots().set_title("α → β")
    svg_text(figure, "writeup/artefact")
    assert not caplog.records
