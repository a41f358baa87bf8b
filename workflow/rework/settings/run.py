"""Settings of one training run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from rework.settings.plain import Settings, freeze

Measure = TypeVar("Measure")

Precision = Literal["fp32", "bf16", "auto"]


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

    @property
    def engine_module(self) -> str:
        """Dotted name of the module that trains the model, if it is an engine."""
        return f"rework.engines.{self.name.replace('-', '_')}"


@dataclass(frozen=True)
class TaskSettings:
    """The task that a run is trained for.

    ``name`` with dashes as underscores is a module of ``rework.training.tasks``; ``parameters`` are the keyword
    arguments of that module's ``build`` function.
    """

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", freeze(self.parameters))

    @property
    def module(self) -> str:
        """Dotted name of the task's module."""
        return f"rework.training.tasks.{self.name.replace('-', '_')}"


OPTIMISER_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "sgd": ("momentum", "dampening", "weight_decay", "nesterov"),
    "adam": ("betas", "eps", "weight_decay", "amsgrad"),
    "lbfgs": ("history_size",),
}
"""The optimisers by name, and what a run may set of each besides the learning rate."""


@dataclass(frozen=True)
class ClipSettings:
    """Limits of the gradients before an update: each number to ±``value``, or all to a common ``norm``."""

    value: float | None = None
    norm: float | None = None


@dataclass(frozen=True)
class OptimiserSettings:
    """An optimiser of ``OPTIMISER_OPTIONS``, its learning rate, and further keyword arguments of torch's class.

    With the schedule ``linear`` or ``cosine`` the learning rate falls from ``learning_rate`` to 0 over the training.
    """

    name: str
    learning_rate: float
    options: Mapping[str, Any] = field(default_factory=dict)
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    clip: ClipSettings = ClipSettings()

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", freeze(self.options))


@dataclass(frozen=True)
class AugmentSettings:
    """Random changes to the training images.

    ``flip`` and ``greyscale`` are the probabilities of a horizontal flip and of a grey picture. The others are
    the largest changes, each drawn uniformly in both directions: ``rotate`` and ``shear`` in degrees, ``zoom`` as a
    share of the size (for width and height separately), ``shift`` as a share of the width and the height.
    """

    flip: float = 0.0
    greyscale: float = 0.0
    rotate: float = 0.0
    shear: float = 0.0
    zoom: float = 0.0
    shift: float = 0.0


@dataclass(frozen=True)
class DataSettings:
    """The data set of a run, and how its inputs are scaled and changed.

    ``normalise`` is ``unit`` (bytes to 0..1), ``half`` (0..1, minus 0.5, divided by 0.5), ``centred`` (0..1, minus 0.5)
    or ``standard`` (0..1, minus the mean and divided by the standard deviation of the data set's training split, per
    channel). ``hold_out`` says how many of all training and validation examples are drawn for validation: a share below
    1, or from 1 on a number of examples; with 0, the training sees them all and nothing is validated, and None leaves
    the data set's own validation split. Each seed draws anew, unless ``hold_out_seed`` gives all the same draw.
    """

    dataset: str
    normalise: Literal["unit", "half", "centred", "standard"] = "unit"
    augment: AugmentSettings = AugmentSettings()
    hold_out: float | None = None
    hold_out_seed: int | None = None


def without_validation(measured: Mapping[str, Measure]) -> dict[str, Measure]:
    """Return what is measured by name, for a run that holds nothing out: all but measures of the validation split."""
    return {name: measure for name, measure in measured.items() if not name.startswith("validation_")}


@dataclass(frozen=True)
class InitialSettings:
    """Pretrained weights that a training starts with, instead of random ones.

    ``asset`` is the asset with their file, ``part`` the submodule whose parameters are all taken from it; with
    ``frozen`` they are not trained.
    """

    asset: str
    part: str
    frozen: bool = False


@dataclass(frozen=True)
class L2Settings:
    """A loss of ``strength / 2`` times the sum of the squared weights, and of the biases if ``biases`` is set."""

    strength: float = 0.0
    biases: bool = False


@dataclass(frozen=True)
class KeepSettings:
    """The epoch whose weights a training keeps: the one with the ``best`` value in a ``column`` of the history.

    Of equal values, the first.
    """

    column: str
    best: Literal["lowest", "highest"]


@dataclass(frozen=True)
class ProbeSettings:
    """Measures during the training, after every ``every`` updates, on random training and test examples."""

    every: int
    examples: int


@dataclass(frozen=True)
class CaptureSettings:
    """Activations that the evaluation keeps for figures: of named submodules, on some images of the test split."""

    layers: tuple[str, ...] = ()
    images: tuple[int, ...] = ()


@dataclass(frozen=True)
class RunSettings(Settings):
    """One training of one architecture with one set of hyperparameters on one data set, with one seed.

    ``seed`` is the position k of ``seed<k>``; the random streams derive from (``global_seed``, run id, k).
    ``batch_size`` counts items of the task. A training with ``max_steps`` ends after that many updates, even within an
    epoch. Without ``keep``, a training ends with the weights of its last update. A run whose model is an engine, a
    module of ``rework.engines`` with its own training, has no ``task``.
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
    task: TaskSettings | None = TaskSettings("classification")
    precision: Precision = "fp32"
    threads: int = 1
    initial: InitialSettings | None = None
    max_steps: int | None = None
    l2: L2Settings = L2Settings()
    keep: KeepSettings | None = None
    probe: ProbeSettings | None = None
    capture: CaptureSettings = CaptureSettings()

    @property
    def id(self) -> str:
        """``writeup/run``."""
        return f"{self.writeup}/{self.run}"

    @property
    def model_module(self) -> str:
        """Dotted name of the model's module: the engine, or the model that the loop trains."""
        return self.model.engine_module if self.task is None else self.model.module

    @property
    def modules(self) -> tuple[str, ...]:
        """Dotted names of the modules that a training imports by name, for its code fingerprint."""
        return (self.model_module,) if self.task is None else (self.model_module, self.task.module)
