"""Numbers with a range, for the signatures of what takes them from the configuration.

The configuration is checked against them before the first job, by their names, without importing the module (see
``rework.catalogue.hints``).
"""

from dataclasses import dataclass
from typing import Annotated, Any, get_args

from rework.messages import with_blanks


@dataclass(frozen=True)
class Range:
    """The numbers that make sense: from ``least``, or ``above`` a bound, to ``most``, or ``below`` a bound."""

    least: float | None = None
    above: float | None = None
    most: float | None = None
    below: float | None = None

    def holds(self, value: float) -> bool:
        """Return whether a number lies within the range."""
        return (
            (self.least is None or value >= self.least)
            and (self.above is None or value > self.above)
            and (self.most is None or value <= self.most)
            and (self.below is None or value < self.below)
        )

    def __str__(self) -> str:
        limits = (("from", self.least), ("above", self.above), ("to", self.most), ("and below", self.below))
        return " ".join(f"{word} {_in_digits(limit)}" for word, limit in limits if limit is not None)


def _in_digits(limit: float) -> str:
    """Return a limit as a number that can be read: 1 000 000, not 1e+06."""
    return with_blanks(int(limit)) if limit == int(limit) and abs(limit) >= 10_000 else f"{limit:g}"


# Each ends where no data set, network or figure of this kind can need more: a slip of the keyboard is refused before
# the first job, and does not end in a machine without memory.
Whole = Annotated[int, Range(least=0, most=1_000_000_000)]
Count = Annotated[int, Range(least=1, most=1_000_000)]
TwoOrMore = Annotated[int, Range(least=2, most=4096)]
Symbols = Annotated[int, Range(least=2, most=128)]
Units = Annotated[int, Range(least=1, most=100_000)]
"""Units, channels, filters or classes of one layer."""
Side = Annotated[int, Range(least=1, most=4096)]
"""The side of a picture or of a kernel."""
Grid = Annotated[int, Range(least=1, most=64)]
"""Positions a side of what an encoder makes of a picture."""
Few = Annotated[int, Range(least=1, most=1000)]
"""What stands side by side or one after another: layers, pictures of a figure, rows of a table."""
Positive = Annotated[float, Range(above=0, most=1_000_000_000)]
NotNegative = Annotated[float, Range(least=0, most=1_000_000_000)]
Share = Annotated[float, Range(least=0, most=1)]
Dropout = Annotated[float, Range(least=0, below=1)]
Angle = Annotated[float, Range(least=-180, most=180)]
Weight = Annotated[float, Range(least=-1000, most=1000)]

RANGES: dict[str, tuple[type, Range]] = {
    name: get_args(hint)
    for name, hint in dict[str, Any](
        Whole=Whole,
        Count=Count,
        TwoOrMore=TwoOrMore,
        Symbols=Symbols,
        Units=Units,
        Side=Side,
        Grid=Grid,
        Few=Few,
        Positive=Positive,
        NotNegative=NotNegative,
        Share=Share,
        Dropout=Dropout,
        Angle=Angle,
        Weight=Weight,
    ).items()
}
"""The type and the range of each, by name."""
