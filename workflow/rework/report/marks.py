"""Small drawings beside numbers: marks of verdicts, distances from published values, the bar of all verdicts."""

from typing import Any

from markupsafe import Markup

from rework.report.figures import image

COLOURS = {
    "exact": "#1f3a5f",
    "reproduced": "#2e8b57",
    "within tolerance": "#b8860b",
    "outside tolerance": "#d35400",
    "differs": "#c0392b",
    "not run": "#8a94a0",
    "not comparable": "#5b6fa8",
    "holds": "#2e8b57",
    "does not hold": "#c0392b",
    "undecided": "#b8860b",
}
# One shape for each meaning, so that colours are not needed.
_SHAPES = {
    "exact": '<rect x="1" y="1" width="14" height="14" fill="{c}"/><path d="M4.5 6.3h7M4.5 9.7h7" {line}/>',
    "reproduced": '<circle cx="8" cy="8" r="7.5" fill="{c}"/><path d="M4.5 8.3 7 10.8l4.7-5" {line}/>',
    "within tolerance": (
        '<rect x="1" y="1" width="14" height="14" rx="4" fill="{c}"/>'
        '<path d="M3.8 9.2q2.1-3.4 4.2-1.2t4.2-1.2" {line}/>'
    ),
    "outside tolerance": '<path d="M8 .8 15.6 8 8 15.2.4 8z" fill="{c}"/><path d="M8 4.6v3.8M8 10.6v.7" {line}/>',
    "differs": '<path d="M8 0l8 8-8 8-8-8z" fill="{c}"/><path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" {line}/>',
    "not run": '<circle cx="8" cy="8" r="7.5" fill="{c}"/><path d="M4.5 8h7" {line}/>',
    "not comparable": '<path d="M8 .8 15.6 14.6H.4z" fill="{c}"/><path d="M8 5.8v4M8 11.6v.6" {line}/>',
}
_SHAPES |= {
    "holds": _SHAPES["reproduced"],
    "does not hold": _SHAPES["differs"],
    "undecided": _SHAPES["within tolerance"],
}
_LINE = 'fill="none" stroke="#fff" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round"'
_WIDTH, _HEIGHT = 120, 18
_CENTRE, _MIDDLE = _WIDTH / 2, _HEIGHT // 2
_REACH = 2.5  # tolerances shown on either side of the published value
_SCALE = (_CENTRE - 6) / _REACH


def mark(word: str) -> Markup:
    """Return the mark of a verdict or of a claim's result."""
    return image(_drawing(16, 16, _SHAPES[word].format(c=COLOURS[word], line=_LINE)), word, kind="mark")


def deviation(value: dict[str, Any]) -> Markup:
    """Return a drawing of a reproduced value in units of its tolerance: band, published stroke, dot and interval."""
    if value["published"] is None or value["reproduced"] is None:
        axis = f'<path d="M2 {_MIDDLE}H{_WIDTH - 2}" stroke="#9aa5b1" stroke-dasharray="2 2"/>'
        return image(_drawing(_WIDTH, _HEIGHT, axis), "not measured", kind="deviation")
    found, tolerance = value["reproduced"], value["tolerance"]
    mean, low, high = (units_off(found[key], value) for key in ("mean", "low", "high"))
    colour = COLOURS[value["verdict"]]
    band = _SCALE if tolerance else 2
    body = (
        f'<rect x="{_CENTRE - band:.1f}" y="3" width="{2 * band:.1f}" height="12" fill="#dfe4ea"/>'
        f'<path d="M2 {_MIDDLE}H{_WIDTH - 2}" stroke="#9aa5b1"/>'
        f'<path d="M{_CENTRE} 1.5v15" stroke="#1f3a5f" stroke-width="1.6"/>'
        f'<path d="M{_place(low):.1f} {_MIDDLE}H{_place(high):.1f}" stroke="{colour}" stroke-width="2.6"/>'
        f"{_dot(mean, colour)}"
    )
    off = f"{mean:+.2f} tolerances" if tolerance else f"{found['mean'] - value['published']:+g}"
    return image(_drawing(_WIDTH, _HEIGHT, body), f"{off} from the published value", kind="deviation")


def units_off(number: float, value: dict[str, Any]) -> float:
    """Return how many tolerances a number is away from the published value; infinite if the tolerance is 0."""
    off: float = number - value["published"]
    if value["tolerance"]:
        return off / float(value["tolerance"])
    return 0.0 if off == 0 else float("inf") * off


def verdict_bar(counts: dict[str, int]) -> Markup:
    """Return one bar whose parts are proportional to the number of values with each verdict."""
    total = sum(counts.values()) or 1
    parts, left = [], 0.0
    for word, count in counts.items():
        width = 670 * count / total
        parts.append(f'<rect x="{left:.2f}" y="0" width="{width:.2f}" height="12" fill="{COLOURS[word]}"/>')
        left += width
    alt = ", ".join(f"{count} {word}" for word, count in counts.items())
    drawing = _drawing(670, 12, "".join(parts)).replace("<svg", '<svg preserveAspectRatio="none"', 1)
    return image(drawing, alt, kind="bar")


def _place(units: float) -> float:
    return _CENTRE + _SCALE * max(-_REACH, min(_REACH, units))


def _dot(units: float, colour: str) -> str:
    """Return a dot, or an arrowhead at the end of the scale for a value beyond it."""
    x = _place(units)
    if abs(units) <= _REACH:
        return f'<circle cx="{x:.1f}" cy="{_MIDDLE}" r="3.6" fill="{colour}"/>'
    step = 6 if units < 0 else -6
    return f'<path d="M{x:.1f} {_MIDDLE}l{step} -4.5v9z" fill="{colour}"/>'


def _drawing(width: int, height: int, body: str) -> str:
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{body}</svg>'
