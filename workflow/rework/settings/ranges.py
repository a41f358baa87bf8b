"""Numbers with a range, for the signatures of what takes them from the configuration.

The configuration is checked against them before the first job, by their names, without importing the module (see
``rework.catalogue.hints``).
"""

from dataclasses import dataclass
from typing import Annotated, Any, get_args


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
        return " ".join(f"{word} {limit:g}" for word, limit in limits if limit is not None)


Whole = Annotated[int, Range(least=0)]
Count = Annotated[int, Range(least=1)]
TwoOrMore = Annotated[int, Range(least=2)]
Positive = Annotated[float, Range(above=0)]
NotNegative = Annotated[float, Range(least=0)]
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
        Positive=Positive,
        NotNegative=NotNegative,
        Share=Share,
        Dropout=Dropout,
        Angle=Angle,
        Weight=Weight,
    ).items()
}
"""The type and the range of each, by name."""
