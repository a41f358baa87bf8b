"""What the function of an artefact is made from, so that the configuration can be checked before anything runs.

The catalogue and the artefacts share this module, so it imports nothing slow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any

Texts = str | tuple[str, ...]
Number = int | tuple[int, int | EllipsisType]


@dataclass(frozen=True)
class Counted:
    """How many there must be: from ``least`` to ``most``, or any number from ``least``."""

    least: int = 0
    most: int | None = 0

    @classmethod
    def of(cls, number: Number) -> "Counted":
        """Return the form of a declaration: 2, (1, 4) for one to four, or (1, ...) for one or more."""
        if isinstance(number, int):
            return cls(number, number)
        least, most = number
        return cls(least, most if isinstance(most, int) else None)

    def holds(self, count: int) -> bool:
        """Return whether there may be so many."""
        return self.least <= count and (self.most is None or count <= self.most)

    def __str__(self) -> str:
        if self.most is None:
            return f"{self.least} or more"
        if self.least == self.most:
            return "none" if self.most == 0 else str(self.most)
        return f"{self.least} to {self.most}"


@dataclass(frozen=True)
class RunKind:
    """What a run must be.

    Attributes:
        trained: by which tasks or engines, any of them.
        model: of which families, any of them.
        data: on which data sets, any of them.
        layout: of which layout its data set is, any of them.
        keys: dotted keys that its table must have.
        values: what it may have set under a dotted key, defaults included.
    """

    trained: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    layout: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    values: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, *, values: Mapping[str, Any] | None = None, **names: Texts) -> "RunKind":
        """Return the form of a declaration, in which one name may stand for itself."""
        allowed = {key: value if isinstance(value, tuple) else (value,) for key, value in (values or {}).items()}
        return cls(values=allowed, **{name: _tuple(texts) for name, texts in names.items()})


@dataclass(frozen=True)
class Needs:
    """The inputs of an artefact. Those that are not declared must not be given: nothing would read them.

    In what must be measured, an option's name in braces is replaced by its value, or by each of its values if it is a
    list.

    Attributes:
        runs: how many there must be.
        models: likewise of described models.
        weights: likewise of assets with weights from elsewhere.
        datasets: the data sets that it reads itself, in this order; those of its runs may follow them.
        each: what each run must be.
        first: what the first run must be besides.
        last: likewise the last.
        metrics: what must be measured of each run.
        history: columns that the history of each run must have.
        probes: columns that its probes must have.
        named: runs that must be among them.
        divided: an option whose entries must be the runs, each once.
        same_data: whether all runs must have the same data set.
        order: what the runs must have set under a dotted key, in this order.
        described: the families of its described models, any of them.
        described_order: what these must have set under a parameter, in this order.
        per_model: an option with an entry for each of them.
        alike: options whose lists must be equally long; ``name[]`` stands for each list in an option.
    """

    runs: Counted = Counted()
    models: Counted = Counted()
    weights: Counted = Counted()
    datasets: tuple[str, ...] = ()
    each: RunKind = RunKind()
    first: RunKind = RunKind()
    last: RunKind = RunKind()
    metrics: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    divided: str = ""
    same_data: bool = False
    order: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    described: tuple[str, ...] = ()
    described_order: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    per_model: str = ""
    alike: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, **declared: Any) -> "Needs":
        """Return a declaration; the keys of ``RunKind`` stand for themselves in it, and are about each run."""
        kinds = {name: declared.pop(name) for name in RunKind.__dataclass_fields__ if name in declared}
        for name in ("runs", "models", "weights"):
            if name in declared:
                declared[name] = Counted.of(declared[name])
        for name in ("first", "last"):
            if name in declared:
                declared[name] = RunKind.of(**declared[name])
        for name in ("datasets", "metrics", "history", "probes", "named", "described"):
            if name in declared:
                declared[name] = _tuple(declared[name])
        return cls(each=RunKind.of(**kinds), **declared)


def _tuple(texts: Texts) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else texts
