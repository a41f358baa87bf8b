"""Cutting a tall plot between its rows of panels, so that a page may end there, as in a table."""

import copy
import itertools
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass

_SVG, _LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_TRANSLATED = re.compile(r"translate\((\S+) (\S+)\)")
_FONT_SIZE = re.compile(r"font-size: ([\d.]+)px")
_MATRIX = re.compile(r"matrix\(\S+ \S+ \S+ (\S+) \S+ (\S+)\)")
_SIZE = 10.0  # pixels: size of a font that is not stated
_LETTER = 0.52  # mean width of a letter as a share of the font's size


@dataclass(frozen=True)
class _Extent:
    """The part of a plot's height, from the top, that something covers; ``panel`` says whether it has axes in it."""

    top: float
    bottom: float
    panel: bool


def strips(svg: str) -> list[str]:
    """Return a plot of matplotlib's as SVG drawings that show it when they are stacked without gaps.

    There is one for each row of panels; what spans several rows, such as the label of all of them, holds them together.
    """
    root = ElementTree.fromstring(svg)  # noqa: S314 - drawn by this build
    # The first part is the background.
    parts = [(part.get("id"), extent) for part in list(_figure(root))[1:] if (extent := _extent(part)) is not None]
    rows = _rows([extent for _, extent in parts])
    if len(rows) < 2:
        return [svg]
    width, height = (float(number) for number in root.get("viewBox", "").split()[2:])
    cuts = [0.0, *((above.bottom + below.top) / 2 for above, below in itertools.pairwise(rows)), height]
    drawn = []
    for top, bottom in itertools.pairwise(cuts):
        elsewhere = {name for name, extent in parts if extent.bottom <= top or extent.top >= bottom}
        drawn.append(_strip(root, elsewhere, (width, top, bottom)))
    return drawn


def _strip(root: ElementTree.Element, elsewhere: set[str | None], place: tuple[float, float, float]) -> str:
    """Return the drawing between two heights of a plot, without the parts whose ids are given."""
    width, top, bottom = place
    drawing = copy.deepcopy(root)
    figure = _figure(drawing)
    for part in [part for part in figure if part.get("id") in elsewhere]:
        figure.remove(part)
        # Markers are defined where they are first used, which may be in another strip.
        figure.extend(part.iter(f"{{{_SVG}}}defs"))
    drawing.set("viewBox", f"0 {top:.3f} {width:g} {bottom - top:.3f}")
    drawing.set("height", f"{bottom - top:.3f}pt")
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _LINK)
    return ElementTree.tostring(drawing, encoding="unicode")


def _figure(root: ElementTree.Element) -> ElementTree.Element:
    return next(group for group in root.iter(f"{{{_SVG}}}g") if group.get("id", "").endswith("figure_1"))


def _rows(extents: list[_Extent]) -> list[_Extent]:
    """Return the rows of panels from top to bottom: what overlaps is one row, and what is no panel joins the next."""
    rows: list[_Extent] = []
    for extent in sorted(extents, key=lambda extent: extent.top):
        if rows and (extent.top < rows[-1].bottom or not rows[-1].panel):
            rows.append(_joined(rows.pop(), extent))
        else:
            rows.append(extent)
    if len(rows) > 1 and not rows[-1].panel:
        last = rows.pop()
        rows.append(_joined(rows.pop(), last))
    return rows


def _joined(above: _Extent, below: _Extent) -> _Extent:
    return _Extent(above.top, max(above.bottom, below.bottom), above.panel or below.panel)


def _extent(part: ElementTree.Element) -> _Extent | None:
    """Return what a part of a figure covers, or None if it draws nothing."""
    heights = list(_heights(part))
    if not heights:
        return None
    return _Extent(min(heights), max(heights), panel="axes_" in part.get("id", ""))


def _heights(element: ElementTree.Element) -> Iterator[float]:
    """Yield heights, from the top, between which everything in an element lies."""
    kind = element.tag.removeprefix(f"{{{_SVG}}}")
    # Definitions are drawn elsewhere. What is cut off at a panel's frame lies within it, but pictures have no frame.
    if kind == "defs" or (element.get("clip-path") and element.find(f"{{{_SVG}}}image") is None):
        return
    moved = _TRANSLATED.search(element.get("transform", ""))
    if kind == "g" and moved:  # a number with an exponent
        yield from (float(moved[2]) - _SIZE, float(moved[2]) + 0.3 * _SIZE)
        return
    if kind == "path":
        yield from (float(number) for number in _NUMBER.findall(element.get("d", ""))[1::2])
    elif kind == "use":
        yield float(element.get("y", "0"))
    elif kind == "image":
        yield from _image_heights(element)
    elif kind == "text":
        yield from _text_heights(element)
    for child in element:
        yield from _heights(child)


def _image_heights(image: ElementTree.Element) -> tuple[float, float]:
    y, height = float(image.get("y", "0")), float(image.get("height", "0"))
    transform = image.get("transform", "")
    if scaled := _MATRIX.search(transform):
        scale, moved = float(scaled[1]), float(scaled[2])
        return scale * y + moved, scale * (y + height) + moved
    # Otherwise the picture is upside down, and mirrored.
    mirrored = _TRANSLATED.search(transform)
    moved = float(mirrored[2]) if mirrored else 0.0
    return -(y + height) - moved, -y - moved


def _text_heights(text: ElementTree.Element) -> tuple[float, float]:
    found = _FONT_SIZE.search(text.get("style", ""))
    size = float(found[1]) if found else _SIZE
    transform = text.get("transform", "")
    moved = _TRANSLATED.search(transform)
    y = float(moved[2]) if moved else float(text.get("y", "0"))
    if "rotate(-90" in transform:
        length = _LETTER * size * len("".join(text.itertext()).strip())
        # Its middle is in its place, or it begins there and goes up.
        middle = y if "text-anchor: middle" in text.get("style", "") else y - length / 2
        return middle - length / 2, middle + length / 2
    return y - size, y + 0.3 * size
