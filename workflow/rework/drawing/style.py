"""How every plot looks: fonts, colours that colour-blind readers can tell apart, and SVG with equal bytes each time."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from rework.drawing.fonts import register_for_matplotlib

# The report turns this colour into the colour of its text, which is another one in dark mode.
INK = "#123456"
GRID = "#b8c0c8"
# Okabe and Ito's palette without its black and yellow, which vanish on dark and light ground.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
DIVERGING = "PuOr_r"
SEQUENTIAL = "viridis"
FULL_WIDTH = 6.7  # inches: text and margin column together
TEXT_WIDTH = 4.6


def _settings() -> Any:  # matplotlib's type spells out every key
    return {
        "font.family": [register_for_matplotlib(), "DejaVu Sans"],
        "font.size": 8.5,
        "axes.titlesize": 9,
        "axes.titleweight": 600,
        "axes.titlelocation": "left",
        "axes.labelsize": 8.5,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "axes.titlecolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": GRID,
        "grid.linewidth": 0.5,
        "grid.alpha": 0.6,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "lines.linewidth": 1.6,
        "legend.frameon": False,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
        "svg.fonttype": "none",
        "svg.hashsalt": "rework",
        "figure.constrained_layout.use": True,
    }


@contextmanager
def plot_style() -> Iterator[None]:
    """Draw what is made in this block in the style of the report."""
    with mpl.rc_context(_settings()):
        yield


def svg_text(figure: Figure, name: str) -> str:
    """Return a figure as SVG. Texts stay texts; ids start with the artefact's name, so that figures share a page."""
    buffer = io.StringIO()
    settings = _settings()
    settings.update({"svg.hashsalt": name, "svg.id": name.replace("/", "-")})
    with mpl.rc_context(settings):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"
