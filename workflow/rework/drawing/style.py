"""The style of every plot: fonts, colours that colour-blind readers can distinguish, and reproducible SVG."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from rework.drawing.fonts import register_for_matplotlib

# The report replaces this colour by that of its text, which differs in dark mode.
INK = "#123456"
GRID = "#b8c0c8"
# Okabe and Ito's palette without black and yellow, which vanish on dark and light backgrounds.
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
    """Draw everything made in this block in the style of the report."""
    with mpl.rc_context(_settings()):
        yield


def svg_text(figure: Figure, name: str) -> str:
    """Return a figure as SVG. Text stays text; ids start with the artefact's name, so that figures can share a page."""
    buffer = io.StringIO()
    settings = _settings()
    settings.update({"svg.hashsalt": name, "svg.id": name.replace("/", "-")})
    settings["figure.constrained_layout.use"] = False
    with mpl.rc_context(settings):
        engine = figure.get_layout_engine()
        if engine is not None:
            # Where there is a layout engine, savefig draws everything twice, first only to let it work.
            FigureCanvasSVG(figure)
            engine.execute(figure)
            figure.set_layout_engine(None)
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    drawing = _numbered_clips(buffer.getvalue(), settings["svg.id"])
    return "\n".join(line.rstrip() for line in drawing.splitlines()) + "\n"


def _numbered_clips(drawing: str, prefix: str) -> str:
    """Name the clip paths of a drawing by their numbers.

    matplotlib names them by where they are, to the last digit, and in those the solver of the layout differs from
    process to process.
    """
    found = dict.fromkeys(re.findall(r'<clipPath id="(\w+)">', drawing))
    names = {name: f"{prefix}-clip-{number}" for number, name in enumerate(found, start=1)}
    return re.sub(
        r'(<clipPath id="|url\(#)(\w+)(?=["\)])', lambda match: match[1] + names.get(match[2], match[2]), drawing
    )
