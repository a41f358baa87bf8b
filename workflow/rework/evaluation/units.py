"""Numbers with their units, for people. A metric's unit stands in the declaration of its task or engine."""

SHARE, DIFFERENCE = "share", "difference"
"""The units of a share of n, from 0 to 1, and of a difference of two such shares."""


def with_unit(value: float, unit: str) -> str:
    """Return a value for people.

    >>> with_unit(0.91, "share"), with_unit(-0.015, "difference"), with_unit(12.3456, "dB"), with_unit(3.0, "")
    ('91.00%', '-1.50 points', '12.3456 dB', '3.0000')
    """
    if unit == SHARE:
        return f"{value:.2%}"
    if unit == DIFFERENCE:
        return f"{100 * value:+.2f} points"
    return f"{value:.4f} {unit}".rstrip()
