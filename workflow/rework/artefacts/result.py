"""What an artefact's function returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from rework.evaluation.statistics import Estimate, estimate

if TYPE_CHECKING:  # it takes a third of a second to import, and tables need none of it
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Measured:
    """One measured value. ``key`` and ``metric`` are those under which the configuration lists what was published."""

    key: str
    metric: str
    label: str
    estimate: Estimate
    seeds: tuple[int, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class RunMetric:
    """A metric of a run: its value for each seed, and the test examples behind it (None: no proportion)."""

    run: str
    metric: str
    values: tuple[float, ...]
    test_size: int | None


@dataclass(frozen=True)
class Column:
    """A column of a table: ``unit`` % shows fractions as per cents; ``decimals`` None leaves values as they are."""

    key: str
    label: str
    align: Literal["left", "right"] = "left"
    unit: str = ""
    decimals: int | None = None


@dataclass(frozen=True)
class Table:
    """A table to be typeset: each row maps the columns' keys to a text or a number."""

    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, str | int | float | None], ...]


@dataclass(frozen=True)
class Built:
    """An artefact: what is shown, what was measured, and what can be said of it.

    ``data`` is what the CSV holds: names of columns and rows. ``facts`` are computed values that the prose may use.
    ``metrics`` are those of whole runs that the report checks claims on.
    """

    caption: str
    data: tuple[Sequence[str], Sequence[Sequence[Any]]]
    alt: str = ""
    values: tuple[Measured, ...] = ()
    table: Table | None = None
    figure: "Figure | None" = None
    metrics: tuple[RunMetric, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def exact(value: float) -> Estimate:
    """Return a value that was computed and has no spread: a count, an identity, an error of rounding."""
    return estimate([value], exact=True)
