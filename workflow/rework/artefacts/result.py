"""What an artefact's function returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from rework.evaluation.statistics import Estimate, estimate

if TYPE_CHECKING:  # takes a third of a second to import, and tables do not need it
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Measured:
    """One measured value. ``key`` and ``metric`` are those of the published value in the configuration."""

    key: str
    metric: str
    label: str
    estimate: Estimate
    seeds: tuple[int, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class RunMetric:
    """A metric of a run: its value for each seed, and its unit."""

    run: str
    metric: str
    values: tuple[float, ...]
    unit: str


@dataclass(frozen=True)
class Column:
    """A column of a table: ``unit`` % shows fractions as percentages; ``decimals`` None leaves values as they are."""

    key: str
    label: str
    align: Literal["left", "right"] = "left"
    unit: str = ""
    decimals: int | None = None


@dataclass(frozen=True)
class Table:
    """A table to be typeset: each row maps the columns' keys to text or a number, or to None for an empty cell."""

    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, str | int | float | None], ...]

    @classmethod
    def of(cls, data: pd.DataFrame, *columns: Column) -> "Table":
        """Return a table of these columns of a data frame, whose names are their keys."""
        keys = [column.key for column in columns]
        values = data[keys].astype(object).where(data.notna(), None)
        return cls(columns, tuple(dict(zip(keys, row, strict=True)) for row in values.itertuples(index=False)))


@dataclass(frozen=True)
class Built:
    """An artefact: what is shown, what was measured, and what can be said about it.

    ``data`` is what the CSV holds; a missing value is an empty field. ``facts`` are computed values that the prose may
    use. ``metrics`` are metrics of whole runs, against which the report checks claims. If ``not_run`` is not empty,
    this machine lacks what it takes to measure the published values, as the sentence says; ``data`` holds the rest.
    """

    caption: str
    data: pd.DataFrame
    alt: str = ""
    values: tuple[Measured, ...] = ()
    table: Table | None = None
    figure: "Figure | None" = None
    metrics: tuple[RunMetric, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    not_run: str = ""


def exact(value: float) -> Estimate:
    """Return a computed value that has no spread: a count, an identity, a rounding error."""
    return estimate([value], exact=True)
