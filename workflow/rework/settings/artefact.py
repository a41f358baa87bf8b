"""Settings of one artefact: what it is made from, what was published, what is claimed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from rework.messages import plural
from rework.settings.plain import Settings, freeze

Relation = Literal["=", "<=", ">="]


@dataclass(frozen=True)
class PublishedValue(Settings):
    """A number that a writeup states, fixed in the configuration together with its tolerance before any run.

    ``key`` names what was measured: a run, or a key in the ``@measures`` of the artefact's function. ``tolerance`` is
    in the value's own unit (0: must be equal). ``test_size`` is the number of test examples behind a published
    proportion, for its sampling error; None for a value that has none (a count, a loss).
    """

    key: str
    metric: str
    value: float
    tolerance: float
    relation: Relation = "="
    test_size: int | None = None
    unit: str = ""
    label: str = ""


@dataclass(frozen=True)
class Claim(Settings):
    """A statement of a writeup in words, as data: ``left relation right + margin`` for a metric, over seeds.

    ``right`` may name several runs: the claim holds if it holds against each. A claim about runs that do not exist yet
    says why in ``not_run``.
    """

    id: str
    text: str
    metric: str
    left: str
    relation: Literal[">", "<", "<=", ">="]
    right: tuple[str, ...]
    margin: float = 0.0
    not_run: str | None = None


@dataclass(frozen=True)
class RunReference:
    """A run that an artefact reads, with the seeds that exist, and what its report must say of it.

    With ``max_steps`` it ends after so many updates, which its epochs must be enough for. ``initial`` is the asset of
    the weights that it starts with.
    """

    run: str
    label: str
    dataset: str
    seeds: tuple[int, ...]
    epochs: int
    assumed: tuple[str, ...] = ()
    max_steps: int | None = None
    initial: str | None = None

    @property
    def length(self) -> str:
        """How long it trained, in words."""
        if self.max_steps is not None:
            return f"{self.max_steps:,} updates".replace(",", " ")
        if not self.epochs:
            return "without epochs"
        return plural(self.epochs, "epoch")


@dataclass(frozen=True)
class ArtefactSettings(Settings):
    """One artefact: what it is, what it is made from, and what was published.

    ``function`` is the dotted name of the function that makes it, and ``options`` are its keyword arguments.
    ``comparable`` is False when its values depend on data in the sample edition. An artefact ``beyond`` the writeup is
    this project's own. One with ``not_run`` has no function: the text says why.
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
    published: tuple[PublishedValue, ...] = ()
    claims: tuple[Claim, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    global_seed: int = 0
    comparable: bool = True
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
        """The modules that make it, beside the step itself: that of its function, and for a figure the style.

        The step imports both by name, at run time, so that its own code fingerprint covers no artefact.
        """
        home = self.function.rpartition(".")[0]
        return (home, "rework.drawing.style") if self.kind == "figure" else (home,)
