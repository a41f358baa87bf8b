"""Settings of one artefact: what it is made from, what was published and what is claimed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from rework.messages import plural
from rework.settings.plain import Settings, freeze

Relation = Literal["=", "<=", ">="]
Source = Literal["writeup", "code", "course", "assumed"]
"""Where a number or a setting is known from: the text, its author's public code, the course, or our assumption."""


@dataclass(frozen=True)
class PublishedValue(Settings):
    """A number that a writeup states, fixed in the configuration together with its tolerance before any run.

    Attributes:
        key: what was measured: a run, or a key in the ``@measures`` of the artefact's function.
        metric: the metric that it is compared with.
        value: the number.
        tolerance: in the unit of the value; 0 means that it must be equal.
        because: why the tolerance is what it is.
        relation: whether the writeup states the value itself, or that it is an upper or a lower bound.
        unit: % for a share.
        label: its name for readers.
        source: where the number is known from.
        split: the examples that its author measured it on.
        divisor: the number by which the author divided a count to get this share.
        incomparable: why it is another quantity than the metric, in a sentence; empty if it is the same.
        log: the training whose printed log it is from, all values of which are counted as one; empty for others.
    """

    key: str
    metric: str
    value: float
    tolerance: float
    because: str
    relation: Relation = "="
    unit: str = ""
    label: str = ""
    source: Source = "writeup"
    split: str = ""
    divisor: int | None = None
    incomparable: str = ""
    log: str = ""


@dataclass(frozen=True)
class Claim(Settings):
    """A verbal statement of a writeup, as data: ``left relation right + margin`` for a metric, over seeds.

    ``right`` may name several runs: the claim holds if it holds for each of them. With ``paired``, each seed is a pair
    of runs with something in common, such as their pictures. If it cannot be checked, ``not_run`` says why, and the
    rest may be missing.
    """

    id: str
    text: str
    metric: str = ""
    left: str = ""
    relation: Literal[">", "<", "<=", ">="] = ">"
    right: tuple[str, ...] = ()
    margin: float = 0.0
    paired: bool = False
    not_run: str | None = None


@dataclass(frozen=True)
class RunReference:
    """A run that an artefact reads, with its seeds and what the report must say about it.

    With ``max_steps``, the run ends after that many updates, which its epochs must suffice for. ``initial`` is the
    asset of the weights that it starts with.
    """

    run: str
    label: str
    dataset: str
    seeds: tuple[int, ...]
    epochs: int
    max_steps: int | None = None
    initial: str | None = None

    @property
    def length(self) -> str:
        """The length of its training, in words."""
        if self.max_steps is not None:
            return f"{self.max_steps:,} updates".replace(",", " ")
        if not self.epochs:
            return "without epochs"
        return plural(self.epochs, "epoch")


@dataclass(frozen=True)
class ArtefactSettings(Settings):
    """One artefact: what it is, what it is made from, and what was published about it.

    ``function`` is the dotted name of the function that makes it, and ``options`` are its keyword arguments.
    ``weights`` are assets with weights from elsewhere that it reads itself.
    ``comparable`` is False when its values depend on data in the sample edition. ``invented`` says, in a sentence,
    which of its inputs we made up, so that no value of it can be compared. An artefact ``beyond`` the writeup is this
    project's own. An artefact with ``not_run`` has no function, and the text says why.
    """

    id: str
    kind: Literal["table", "figure", "number", "claims"]
    label: str
    what: str
    function: str = ""
    protocol: str = ""
    published_text: str = ""
    runs: tuple[RunReference, ...] = ()
    models: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    published: tuple[PublishedValue, ...] = ()
    claims: tuple[Claim, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    global_seed: int = 0
    comparable: bool = True
    invented: str = ""
    beyond: bool = False
    not_run: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", freeze(self.options))

    @property
    def writeup(self) -> str:
        """The part of the id before the slash."""
        return self.id.split("/")[0]

    @property
    def name(self) -> str:
        """The part of the id after the slash."""
        return self.id.split("/")[1]

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules that make it, besides the step: that of its function and, for a figure, the style.

        The step imports both by name at run time, so that its own code fingerprint covers no artefact.
        """
        home = self.function.rpartition(".")[0]
        return (home, "rework.drawing.style") if self.kind == "figure" else (home,)
