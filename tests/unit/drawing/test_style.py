"""Drawings as text: the same bytes whatever the last digits of the layout are, and ids of the artefact's own."""

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
