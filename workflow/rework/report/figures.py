"""Plots on a page: inline in the browser, as images in the PDF."""

import base64
import math
import re
from collections import Counter
from pathlib import Path

from markupsafe import Markup, escape

from rework.report.strips import strips

INK = "#1b2733"
NARROW = 340  # points: plots up to this width leave room for their caption beside them
TALL = 250  # points: plots from this height on may continue on the next page
FULL = 480  # points: plots from this width on fill the page
_PLOT_INK = "#123456"
_ID = re.compile(r'\bid="([^"]+)"')
_WIDTH, _HEIGHT = (re.compile(rf'<svg\b[^>]*\b{side}="([\d.]+)pt"') for side in ("width", "height"))
_REFERENCE = re.compile(r'(url\(#|href="#)([^")]+)')


def image(svg: str, alt: str, style: str = "", kind: str = "") -> Markup:
    """Return an SVG as an image with a data URL."""
    encoded = base64.b64encode(svg.encode()).decode()
    return Markup('<img class="{}" style="{}" alt="{}" src="data:image/svg+xml;base64,{}">').format(
        kind, style, alt, encoded
    )


def plot(path: Path, name: str, alt: str, inline: bool) -> Markup:
    """Return a plot: inline in the HTML page, with the fonts and text colour of the page; as an image in the PDF."""
    svg = path.read_text(encoding="utf-8")
    svg = svg[svg.index("<svg") :]
    if not inline:
        return _images(svg.replace(_PLOT_INK, INK), alt)
    prefix = name.replace("/", "-")
    seen: Counter[str] = Counter()

    def own_id(match: re.Match[str]) -> str:
        # Matplotlib derives the id of a picture from its content, so equal, unreferenced pictures would share it.
        seen[match[1]] += 1
        again = f"-{seen[match[1]]}" if seen[match[1]] > 1 else ""
        return f'id="{prefix}-{match[1]}{again}"'

    svg = _ID.sub(own_id, svg)
    svg = _REFERENCE.sub(lambda match: f"{match[1]}{prefix}-{match[2]}", svg)
    svg = svg.replace(_PLOT_INK, "currentColor")
    opened = svg.replace("<svg", f'<svg class="plot" role="img" aria-label="{escape(alt)}"', 1)
    return Markup(opened)  # noqa: S704 - drawn by this build


def shape(path: Path) -> str:
    """Return how the style sheet of the PDF treats a plot: narrow, small, tall, or (empty) as it is."""
    with path.open(encoding="utf-8") as file:
        width, height = _size(file.read(2000))
    if width <= NARROW:
        return "narrow"
    if height >= TALL:
        return "tall"
    return "small" if width < FULL else ""


def _images(svg: str, alt: str) -> Markup:
    """Return a plot as an image or, if it is tall, as one for each row of its panels."""
    drawn = strips(svg) if _size(svg)[1] >= TALL else [svg]
    names = [f"{alt} (row {number} of {len(drawn)})" for number in range(1, len(drawn) + 1)] if drawn[1:] else [alt]
    return Markup("").join(image(one, name, kind="plot") for one, name in zip(drawn, names, strict=True))


def _size(svg: str) -> tuple[float, float]:
    """Return the width and height of a plot in points; infinite and 0 if it does not say."""
    width, height = (side.search(svg) for side in (_WIDTH, _HEIGHT))
    return float(width[1]) if width else math.inf, float(height[1]) if height else 0.0
