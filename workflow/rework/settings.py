"""What the catalogue hands to a step: frozen settings that travel as JSON.

A rule puts the JSON of its settings into ``params``, so a step reruns exactly when one of its own settings changes,
and the step needs no configuration file. ``from_json(to_json(settings)) == settings`` for every class here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from types import MappingProxyType
from typing import Any, Literal, Self

from rework.files import canonical_json

Edition = Literal["full", "sample"]
Precision = Literal["fp32", "bf16", "auto"]
Relation = Literal["=", "<=", ">="]


def freeze(value: Any) -> Any:
    """Return ``value`` with dictionaries made read-only and lists made tuples, all the way down."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(item) for item in value)
    return value


@dataclass(frozen=True)
class ModelSettings:
    """A model family and its hyperparameters.

    ``name`` with dashes as underscores is a module of ``rework.models``; ``parameters`` are the keyword arguments of
    that module's ``build`` function.
    """

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", freeze(self.parameters))

    @property
    def module(self) -> str:
        """Dotted name of the module that builds the model."""
        return f"rework.models.{self.name.replace('-', '_')}"


@dataclass(frozen=True)
class OptimiserSettings:
    """An optimiser of ``rework.training.optimisers`` and its learning rate; the rest are its keyword arguments."""

    name: str
    learning_rate: float
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", freeze(self.options))


@dataclass(frozen=True)
class DataSettings:
    """The data set of a run and how its inputs are scaled.

    ``normalise`` is ``unit`` (bytes to 0..1) or ``standard`` (0..1, then minus mean and over standard deviation of the
    training split, per channel).
    """

    dataset: str
    normalise: Literal["unit", "standard"] = "unit"


@dataclass(frozen=True)
class CaptureSettings:
    """Activations that the evaluation keeps for figures: named submodules, on some images of the test split."""

    layers: tuple[str, ...] = ()
    images: tuple[int, ...] = ()


@dataclass(frozen=True)
class RunSettings:
    """One training of one architecture with one set of hyperparameters on one data set, with one seed.

    ``seed`` is the position k of ``seed<k>``; the random streams derive from (``global_seed``, run id, k). ``assumed``
    names the settings that the writeup does not state.
    """

    writeup: str
    run: str
    seed: int
    global_seed: int
    model: ModelSettings
    data: DataSettings
    optimiser: OptimiserSettings
    loss: str
    batch_size: int
    epochs: int
    precision: Precision = "fp32"
    threads: int = 1
    capture: CaptureSettings = CaptureSettings()
    assumed: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """``writeup/run``."""
        return f"{self.writeup}/{self.run}"

    def to_json(self) -> str:
        """Return one line of canonical JSON."""
        return canonical_json(_plain(self))

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Rebuild the settings from parsed JSON (of a settings argument or a provenance file)."""
        values = dict(value)
        return cls(
            **{
                **values,
                "model": ModelSettings(**values["model"]),
                "data": DataSettings(**values["data"]),
                "optimiser": OptimiserSettings(**values["optimiser"]),
                "capture": CaptureSettings(**{k: tuple(v) for k, v in values["capture"].items()}),
                "assumed": tuple(values["assumed"]),
            }
        )


@dataclass(frozen=True)
class PublishedValue:
    """A number that a writeup states, fixed in the configuration together with its tolerance before any run.

    ``key`` names what was measured: a run, or a key that the artefact's function documents. ``tolerance`` is in the
    value's own unit (0: must be equal). ``test_size`` is the number of test examples behind a published proportion,
    for its sampling error; None for a value that has none (a count, a loss).
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
class Claim:
    """A statement of a writeup in words, as data: ``left relation right + margin`` for a metric, over seeds.

    ``right`` may name several runs: the claim holds if it holds against each.
    """

    id: str
    text: str
    metric: str
    left: str
    relation: Literal[">", "<", "<=", ">="]
    right: tuple[str, ...]
    margin: float = 0.0


@dataclass(frozen=True)
class RunReference:
    """A run that an artefact reads, with the seeds that exist, and what its report must say of it."""

    run: str
    label: str
    dataset: str
    seeds: tuple[int, ...]
    epochs: int
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True)
class ArtefactSettings:
    """One artefact: what it is, what it is made from, and what was published.

    ``comparable`` is False when its values depend on data in the sample edition. ``options`` are the artefact's own
    settings. An artefact with ``not_run`` has no function: the text says why.
    """

    id: str
    kind: Literal["table", "figure", "number", "claims"]
    label: str
    what: str
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

    def to_json(self) -> str:
        """Return one line of canonical JSON."""
        return canonical_json(_plain(self))

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Rebuild the settings from parsed JSON."""
        values = dict(value)
        return cls(
            **{
                **values,
                "runs": tuple(
                    RunReference(**{**r, "seeds": tuple(r["seeds"]), "assumed": tuple(r["assumed"])})
                    for r in values["runs"]
                ),
                "models": tuple(values["models"]),
                "datasets": tuple(values["datasets"]),
                "published": tuple(PublishedValue(**p) for p in values["published"]),
                "claims": tuple(Claim(**{**c, "right": tuple(c["right"])}) for c in values["claims"]),
            }
        )


@dataclass(frozen=True)
class AssetSettings:
    """A downloaded file: where it may come from and how it is recognised.

    ``sha256`` is None only where no official checksum is known; the first download then records one. ``substitute``
    is the sentence of an overlay that puts another file in its place (``exact``: it declares the content the same).
    """

    id: str
    file: str
    urls: tuple[str, ...]
    sha256: str | None
    bytes: int | None
    licence: str
    citation: str
    substitute: str | None = None
    exact: bool = True

    def to_json(self) -> str:
        """Return one line of canonical JSON."""
        return canonical_json(_plain(self))

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Rebuild the settings from parsed JSON."""
        return cls(**{**value, "urls": tuple(value["urls"])})


def _plain(value: Any) -> Any:
    """Return settings as dictionaries, lists and scalars (``asdict`` cannot copy read-only mappings)."""
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
