"""Formatting numbers, sizes and times as text."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from rework.evaluation.units import SHARE
from rework.messages import plural

THIN = "\u202f"  # a narrow space that does not break a line
MINUS = "\u2212"
FEW = 100
"""Up to this many combinations of runs are told by their number."""
RANKED = 20
"""From this many runs on, those beyond a published value are counted; of fewer, the distribution is taken as normal."""
_LOOSE = re.compile(r"(?<=\d) (?=%|\d{3}(?!\d))")


def number(value: float | int | str | None, unit: str = "", decimals: int | None = None) -> str:
    """Return a value as text: fractions in per cent if the unit is %, whole numbers in groups of three digits."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if unit == "%":
        return signed(f"{100 * value:.{2 if decimals is None else decimals}f}") + f"{THIN}%"
    if decimals is not None:
        return signed(f"{value:.{decimals}f}")
    if float(value).is_integer() and abs(value) < 1e15:
        return signed(f"{int(value):,}".replace(",", THIN))
    if abs(value) < 1e-3 or abs(value) >= 1e6:
        mantissa, _, exponent = f"{value:.2e}".partition("e")
        mantissa = mantissa.removesuffix("0")
        return signed(f"{mantissa}e{int(exponent)}")
    return signed(f"{value:.4g}")


def measured(value: float, unit: str) -> str:
    """Return the value of a metric with its unit; a share is shown in per cent."""
    return number(value, "%") if unit == SHARE else f"{number(value)} {unit}".rstrip()


def signed(text: str) -> str:
    """Return a number's text with a true minus sign."""
    return text.replace("-", MINUS)


def interval(value: Mapping[str, Any]) -> str:
    """Return the 90 % interval of a reproduced value as text."""
    found = value["reproduced"]
    if found is None or found["interval"] != "t":
        return "–"
    low, high = (number(found[end], value["unit"]) for end in ("low", "high"))
    return f"{low.removesuffix(f'{THIN}%')} to {high}"


def told(value: Mapping[str, Any]) -> str:
    """Return what the seeds behind a measured value can tell, in a sentence for the line below it."""
    found, power, unit = value["reproduced"], value["power"], value["unit"]
    if found is None or value["published"] is None or found["interval"] == "exact":
        return ""
    if power is None and not found["seeds"]:
        return "It has no seeds, and so no interval: it can decide nothing."
    if power is None:
        return "One seed has no interval: it can decide nothing."
    parts = [
        f"Standard deviation {number(power['deviation'], unit)}",
        f"a mean {number(power['caught'], unit)} off would differ",
    ]
    if power["undecided"]:
        parts.append(f"{power['seeds_to_decide'] or 'more than a thousand'} seeds would decide")
    if len(found["values"]) >= RANKED:
        below = value["published"] < found["mean"]
        beyond = sum(one <= value["published"] if below else one >= value["published"] for one in found["values"])
        side = "as low" if below else "as high"
        parts.append(f"{beyond or 'none'} of our {len(found['values'])} runs {'is' if beyond == 1 else 'are'} {side}")
    else:
        chance = number(power["as_far"], decimals=2) if power["as_far"] >= 0.005 else "below 0.01"
        parts.append(f"a single run lies as far from our mean with probability {chance}")
    return "; ".join(parts) + "."


def duration(seconds: float) -> str:
    """Return a time in the units that a reader would choose."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def of_combinations(share: float, counted: int) -> str:
    """Return in how many combinations something is so: if they are few, as in "24" or "none", else in per cent."""
    if counted > FEW:
        return number(share, "%", 1)
    count = round(share * counted, 2)
    return "none" if not count else "all" if count == counted else f"{count:g}"


def unbroken(text: str) -> str:
    """Return a text whose numbers no line breaks: a narrow space is between thousands and before a percent sign.

    >>> unbroken("in 10 000 words 93.18 % are right").replace(THIN, "_")
    'in 10_000 words 93.18_% are right'
    """
    return _LOOSE.sub(THIN, text)


def capitalize_first(text: str) -> str:
    """Return a text as the beginning of a sentence, with its other capitals kept."""
    return text[:1].upper() + text[1:]


def short_hash(text: str) -> str:
    """Return the first eight digits of a hash."""
    return text[:8]


FILTERS: dict[str, Callable[..., str]] = {
    "number": number,
    "measured": measured,
    "interval": interval,
    "told": told,
    "duration": duration,
    "plural": plural,
    "short_hash": short_hash,
    "capitalize_first": capitalize_first,
    "unbroken": unbroken,
    "of_combinations": of_combinations,
}
