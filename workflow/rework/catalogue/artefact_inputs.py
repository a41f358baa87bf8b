"""Holding the inputs of an artefact against the ``@needs`` of its function, before anything is trained for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rework.catalogue.datasets import Dataset
from rework.catalogue.declarations import Metric, declaration, task_of
from rework.catalogue.signatures import build_parameters
from rework.errors import ConfigError
from rework.measured_values import filled, option_of
from rework.messages import short_text, unknown_name
from rework.needed_inputs import Counted, Needs, RunKind
from rework.settings.run import DataSettings, ModelSettings

_OF_ANY_HISTORY = ("epoch", "steps", "l2_loss", "learning_rate")


@dataclass(frozen=True)
class Inputs:
    """What the configuration gives to an artefact: names, and the tables of its runs and described models.

    ``known`` are all data sets of the configuration.
    """

    runs: Mapping[str, Mapping[str, Any]]
    models: Mapping[str, ModelSettings]
    datasets: Sequence[str]
    weights: Sequence[str]
    known: Mapping[str, Dataset]

    def layout(self, run: str) -> str:
        """Return the layout of a run's data set."""
        return self.known[self.runs[run]["data"]["dataset"]].layout

    def measured(self, run: str) -> Mapping[str, Metric]:
        """Return the metrics of a run."""
        return declaration(self.runs[run]).measured(self.layout(run))


def check_inputs(needs: Needs, options: Mapping[str, Any], inputs: Inputs, make: str, where: str) -> None:
    """Check that an artefact is given what its function needs, and nothing that it does not read.

    Args:
        needs: the declaration.
        options: of the artefact, with defaults.
        inputs: what it is given.
        make: the name of the function, for messages.
        where: the file and the key of the artefact.

    Raises:
        ConfigError: it is given too few or too many, or others.
    """
    for key, counted in (("runs", needs.runs), ("models", needs.models), ("weights", needs.weights)):
        _check_count(len(getattr(inputs, key)), counted, key, make, where)
    _check_datasets(needs, inputs, make, where)
    _check_models(needs, options, inputs, make, where)
    for together in needs.alike:
        _check_lengths(together, options, f"{where}.options")
    _check_runs(needs, options, inputs, make, f"{where}.runs")


def _check_count(found: int, counted: Counted, key: str, make: str, where: str) -> None:
    if counted.holds(found):
        return
    if counted.most == 0:
        raise ConfigError(f"{where}.{key}: {make} reads none; remove the key")
    raise ConfigError(f"{where}.{key}: found {found}, and {make} is made from {counted}; list as many")


def _check_datasets(needs: Needs, inputs: Inputs, make: str, where: str) -> None:
    own = [run["data"]["dataset"] for run in inputs.runs.values()]
    expected = len(needs.datasets)
    if tuple(inputs.datasets[:expected]) != needs.datasets:
        first = " and then " if expected > 1 else ""
        raise ConfigError(
            f"{where}.datasets: found {short_text(list(inputs.datasets))}, expected {first.join(needs.datasets)}, "
            f"which {make} is made from"
        )
    for name in inputs.datasets[expected:]:
        if name not in own:
            raise ConfigError(f"{where}.datasets: {make} does not read {name!r}; remove it")


def _check_models(needs: Needs, options: Mapping[str, Any], inputs: Inputs, make: str, where: str) -> None:
    for name, model in inputs.models.items():
        if needs.described and model.name not in needs.described:
            raise ConfigError(
                f"{where}.models: {name!r} is a {model.name!r}, and {make} describes {_either(needs.described)}"
            )
    parameters = [model.parameters for model in inputs.models.values()]
    for key, values in needs.described_order.items():
        _check_order([one.get(key) for one in parameters], values, f"{where}.models", key, make)
    if needs.per_model and len(options[needs.per_model]) != len(parameters):
        raise ConfigError(
            f"{where}.options.{needs.per_model}: found {len(options[needs.per_model])}, expected one for each of the "
            f"models, which are {len(parameters)}"
        )


def _check_lengths(together: Sequence[str], options: Mapping[str, Any], where: str) -> None:
    lengths: dict[str, set[int]] = {}
    for name in together:
        value = options[name.removesuffix("[]")]
        lengths[name] = {len(one) for one in value} if name.endswith("[]") else {len(value)}
    if len(set.union(*lengths.values())) > 1:
        shown = [
            f"{'each entry of ' if name.endswith('[]') else ''}{name.removesuffix('[]')} "
            f"({' or '.join(map(str, sorted(found)))})"
            for name, found in lengths.items()
        ]
        raise ConfigError(f"{where}.{together[0]}: expected equal lengths of {' and '.join(shown)}")


def _check_runs(needs: Needs, options: Mapping[str, Any], inputs: Inputs, make: str, where: str) -> None:
    names = list(inputs.runs)
    for name in needs.named:
        if name not in names:
            raise ConfigError(f"{where}: run {name!r} is missing, which {make} compares with the others; add it")
    if needs.divided and sorted(_flat(options[needs.divided])) != sorted(names):
        option = where.removesuffix("runs") + f"options.{needs.divided}"
        raise ConfigError(f"{option}: expected each run of the artefact once: {', '.join(names)}")
    for name in names:
        for kind in (needs.each, needs.first if name == names[0] else None, needs.last if name == names[-1] else None):
            if kind is not None:
                _check_kind(kind, name, inputs, make, where)
        _check_measured(needs, options, name, inputs, where)
    if needs.same_data and len(used := {run["data"]["dataset"] for run in inputs.runs.values()}) > 1:
        raise ConfigError(f"{where}: {make} compares runs on one data set, and these have {', '.join(sorted(used))}")
    for key, values in needs.order.items():
        _check_order([_value(run, key) for run in inputs.runs.values()], values, where, key, make)


def _check_kind(kind: RunKind, name: str, inputs: Inputs, make: str, where: str) -> None:
    run = inputs.runs[name]
    task = task_of(run)
    for what, found, allowed in (
        ("is trained by", run["model"]["name"] if task is None else task[0], kind.trained),
        ("has the model", run["model"]["name"], kind.model),
        ("has the data set", run["data"]["dataset"], kind.data),
        ("has data of the layout", inputs.layout(name), kind.layout),
    ):
        if allowed and found not in allowed:
            raise ConfigError(
                f"{where}: run {name!r} {what} {found!r}, and {make} needs {_either(allowed)}; name another run"
            )
    for key in kind.keys:
        if _value(run, key, defaults=False) in (None, [], ()):
            raise ConfigError(f"{where}: run {name!r} has no key {key}, which {make} needs; set it or name another run")
    for key, values in kind.values.items():
        if (found := _value(run, key)) not in values:
            raise ConfigError(
                f"{where}: run {name!r} has {key}: {short_text(found)}, and {make} needs "
                f"{_either(tuple(map(str, values)))}"
            )


def _check_measured(needs: Needs, options: Mapping[str, Any], name: str, inputs: Inputs, where: str) -> None:
    run = inputs.runs[name]
    declared = declaration(run)
    for what, found, wanted in (
        ("metric", tuple(inputs.measured(name)), needs.metrics),
        ("column of the history", _history(run, declared.history), needs.history),
        ("column of the probes", declared.probes if run.get("probe") else (), needs.probes),
    ):
        for written in wanted:
            option = option_of(written)
            key = where if option is None else f"{where.removesuffix('runs')}options.{option}"
            for one in filled(written, options):
                if one not in found:
                    raise ConfigError(f"{key}: run {name!r}: {unknown_name(what, one, found)}")


def _history(run: Mapping[str, Any], declared: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of a run's history that hold something: only runs with probes measure the test set there."""
    if not declared:
        return ()  # trained without epochs
    return (*_OF_ANY_HISTORY, *(name for name in declared if run.get("probe") or not name.startswith("test_")))


def _check_order(found: Sequence[Any], values: Sequence[Any], where: str, key: str, make: str) -> None:
    if tuple(found) != tuple(values):
        raise ConfigError(
            f"{where}: found {key}: {', '.join(map(str, found))}; {make} expects {', '.join(map(str, values))}, "
            "in this order"
        )


def _value(run: Mapping[str, Any], key: str, defaults: bool = True) -> Any:
    """Return what a run has set under a dotted key, else the default, else None."""
    found: Any = run
    for part in key.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    if found is not None or not defaults:
        return found
    table, _, name = key.rpartition(".")
    if table == "data":
        return getattr(DataSettings, name, None)
    known = build_parameters(run["model"]["name"]) if table == "model" else None
    return known[name].default if known and name in known else None


def _flat(value: Any) -> list[Any]:
    return [one for part in value for one in _flat(part)] if isinstance(value, list | tuple) else [value]


def _either(names: Sequence[str]) -> str:
    return " or ".join(map(repr, names))
