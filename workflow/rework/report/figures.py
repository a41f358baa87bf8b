"""Plots on a page: inline in the browser, as images in the PDF."""

import base64
import re
from collections import Counter
from pathlib import Path

from markupsafe import Markup, escape

INK = "#1b2733"
_PLOT_INK = "#123456"
_ID = re.compile(r'\bid="([^"]+)"')
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
        return image(svg.replace(_PLOT_INK, INK), alt, kind="plot")
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
