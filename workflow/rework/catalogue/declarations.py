"""The declarations of tasks and engines: constants at the top of their modules, read without importing them.

A run is trained either by the loop, for a task (``rework.training.tasks``), or by an engine (``rework.engines``). In
both cases the module declares, in literals:

    LAYOUTS = ("examples",)                              # the layouts of data sets that it reads
    NEEDS = ("optimiser", "loss", "batch_size", "epochs")  # keys that a run must have
    OPTIONS = ("l2", "data.augment")                     # keys that it may have
    LOSSES = ("squared-error",)
    METRICS = {"psnr": ("dB", "higher")}                 # unit, and which is better: higher, lower or neither
    LAYOUT_METRICS = {"words": {...}}                    # further metrics for data sets of a layout
    HISTORY = ("train_loss",)                            # columns of history.csv, besides the common ones
    PROBES = ()                                          # columns of probes.csv, likewise
    ITEM = "example"                                     # what batch_size counts
    HEADLINE = "psnr"                                    # the metric shown in one line about a run

All of them must be there, empty if need be. A value may use names imported from another module of the library, plain,
as ``*NAME`` or as ``**NAME``.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from rework.catalogue.headers import Parameter
from rework.catalogue.signatures import ENGINES, function_parameters
from rework.datasets.layouts import LAYOUTS
from rework.engines.families import is_engine
from rework.errors import ConfigError
from rework.messages import unknown_name
from rework.settings.run import without_validation

TASKS = ENGINES.parent / "training" / "tasks"
DEFAULT_TASK = "classification"
DECLARED_KEYS = (
    *("optimiser", "loss", "batch_size", "epochs", "max_steps", "precision"),
    *("initial", "l2", "keep", "probe", "capture"),
    *("data.normalise", "data.augment", "data.hold_out", "data.hold_out_seed"),
)
"""The keys of a run that not every training reads."""

_WORKFLOW = ENGINES.parents[1]
_FIRST_DEFINITION = re.compile(r"^(?:@|class |def )", re.MULTILINE)


@dataclass(frozen=True)
class Metric:
    """The unit of a metric, and which of two values is better: the ``higher``, the ``lower``, or ``neither``."""

    unit: str
    better: str


@dataclass(frozen=True)
class Declaration:
    """The constants of a task or an engine; see the docstring of this module."""

    layouts: tuple[str, ...]
    needs: tuple[str, ...]
    options: tuple[str, ...]
    losses: tuple[str, ...]
    metrics: Mapping[str, Metric]
    layout_metrics: Mapping[str, Mapping[str, Metric]]
    history: tuple[str, ...]
    probes: tuple[str, ...]
    item: str
    headline: str

    def without_validation(self) -> "Declaration":
        """Return what a training declares that has no validation split."""
        return replace(
            self,
            metrics=without_validation(self.metrics),
            layout_metrics={layout: without_validation(metrics) for layout, metrics in self.layout_metrics.items()},
            history=tuple(without_validation(dict.fromkeys(self.history))),
        )

    def measured(self, layout: str) -> Mapping[str, Metric]:
        """Return the metrics of a run on a data set of a layout."""
        return {**self.metrics, **self.layout_metrics.get(layout, {})}


def task_names() -> list[str]:
    """Return the names of all tasks."""
    found = (path for path in TASKS.glob("[a-z]*.py") if _assigned(path, "METRICS") is not None)
    return sorted(path.stem.replace("_", "-") for path in found)


def task_of(run: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """Return the name and the parameters of the task in a run's table, or None if an engine trains the run."""
    if is_engine(run["model"]["name"]):
        return None
    task = run.get("task", DEFAULT_TASK)
    if isinstance(task, str):
        return task, {}
    return task["name"], {key: value for key, value in task.items() if key != "name"}


def task_parameters(name: str) -> Mapping[str, Parameter]:
    """Return the parameters of a task by name."""
    return function_parameters(_path(TASKS, name), "build") or {}


def declaration(run: Mapping[str, Any], where: str = "") -> Declaration:
    """Return the declaration of the task or engine in a run's table; without validation if it has no split for it.

    Raises:
        ConfigError: there is no such task; ``where`` is the file and the key of the run.
    """
    task = task_of(run)
    if task is None:
        return _declaration(_path(ENGINES, run["model"]["name"]))
    path = _path(TASKS, task[0])
    if not path.is_file() or not any(_assigned(path, name.upper()) for name in Declaration.__dataclass_fields__):
        raise ConfigError(f"{where}.task: {unknown_name('task', task[0], task_names())}")
    found = _declaration(path)
    return found.without_validation() if run.get("data", {}).get("hold_out") == 0 else found


@cache
def _declaration(path: Path) -> Declaration:
    values = {name: _constant(path, name.upper()) for name in Declaration.__dataclass_fields__}
    _check(values, _shown(path))
    values["metrics"] = _metrics(values["metrics"])
    values["layout_metrics"] = {layout: _metrics(table) for layout, table in values["layout_metrics"].items()}
    return Declaration(**values)


def _metrics(table: Mapping[str, tuple[str, str]]) -> dict[str, Metric]:
    return {name: Metric(*entry) for name, entry in table.items()}


def _check(values: Mapping[str, Any], shown: str) -> None:
    """Check the constants of a module, which somebody adding a task may get wrong.

    Raises:
        ConfigError: one has another form than the module's docstring says, or names what does not exist.
    """
    known = {"layouts": LAYOUTS, "needs": DECLARED_KEYS, "options": DECLARED_KEYS}
    for name in ("layouts", "needs", "options", "losses", "history", "probes"):
        found = values[name]
        if not isinstance(found, tuple) or not all(isinstance(item, str) for item in found):
            raise ConfigError(f"{shown}: {name.upper()}: found {found!r}, expected a tuple of texts")
        for item in found:
            if item not in known.get(name, found):
                raise ConfigError(f"{shown}: {name.upper()}: {unknown_name('entry', item, known[name])}")
    for table in (values["metrics"], *values["layout_metrics"].values()):
        for metric, entry in table.items():
            if not isinstance(entry, tuple) or len(entry) != 2 or entry[1] not in ("higher", "lower", "neither"):
                raise ConfigError(
                    f"{shown}: METRICS: {metric}: found {entry!r}, expected a unit and higher, lower or neither"
                )
    if values["headline"] not in values["metrics"]:
        raise ConfigError(f"{shown}: HEADLINE: {unknown_name('metric', values['headline'], values['metrics'])}")


def _shown(path: Path) -> str:
    """Return how messages name a module."""
    return f"workflow/{path.relative_to(_WORKFLOW)}" if path.is_relative_to(_WORKFLOW) else path.name


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name.replace('-', '_')}.py"


@cache
def _top(path: Path) -> list[ast.stmt]:
    """Return the statements before the first class or function; parsing everything takes ten times as long."""
    text = path.read_text(encoding="utf-8")
    end = _FIRST_DEFINITION.search(text)
    try:
        return ast.parse(text[: end.start()] if end else text).body
    except SyntaxError as error:
        raise ConfigError(f"{_shown(path)}, line {error.lineno}: not valid Python ({error.msg})") from None


def _assigned(path: Path, name: str) -> ast.expr | None:
    for node in _top(path):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AnnAssign) and any(
            isinstance(target, ast.Name) and target.id == name for target in targets
        ):
            return node.value
    return None


def _constant(path: Path, name: str) -> Any:
    """Return the value of a module's constant, whether defined there or imported.

    Raises:
        ConfigError: the module has no such constant.
    """
    found = _assigned(path, name)
    if found is not None:
        return _value(found, path)
    for node in _top(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return _constant(_WORKFLOW / f"{node.module.replace('.', '/')}.py", alias.name)
    raise ConfigError(f"{_shown(path)}: no constant {name}; expected one before the first function")


def _value(node: ast.expr, path: Path) -> Any:
    if isinstance(node, ast.Name):
        return _constant(path, node.id)
    if isinstance(node, ast.Dict):
        merged: dict[Any, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            merged |= _value(value, path) if key is None else {_value(key, path): _value(value, path)}
        return merged
    if isinstance(node, ast.Tuple):
        parts = (_value(e.value, path) if isinstance(e, ast.Starred) else (_value(e, path),) for e in node.elts)
        return tuple(item for part in parts for item in part)
    try:
        return ast.literal_eval(node)
    except ValueError:
        found = f"{_shown(path)}, line {node.lineno}: found {ast.unparse(node)}"
        raise ConfigError(f"{found}, expected literals or imported constants") from None
