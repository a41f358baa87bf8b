"""Checking a run against the model, the task or engine, and the data set that it names."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from rework.catalogue.datasets import Dataset
from rework.catalogue.declarations import DECLARED_KEYS, Declaration, declaration, task_of, task_parameters
from rework.catalogue.signatures import build_parameters, checked_arguments, checked_parameters
from rework.catalogue.sources import check_sources
from rework.datasets.layouts import LAYOUTS
from rework.errors import ConfigError
from rework.messages import unknown_key, unknown_name
from rework.settings.run import (
    OPTIMISER_OPTIONS,
    AugmentSettings,
    InitialSettings,
    KeepSettings,
    L2Settings,
    ProbeSettings,
)

_GROUPS = {
    "data.augment": AugmentSettings,
    "initial": InitialSettings,
    "l2": L2Settings,
    "keep": KeepSettings,
    "probe": ProbeSettings,
}


def checked_run(
    run: Mapping[str, Any], where: str, datasets: Mapping[str, Dataset], sources_where: str | None = None
) -> dict[str, Any]:
    """Return a run's table after checking it, with 8 for 8.0 where its model or task takes whole numbers.

    Args:
        run: the table, in one edition, which fits the schema.
        where: the file and the key of the run, for messages.
        datasets: all data sets.
        sources_where: likewise for its keys ``sources`` and ``tried``, if they stand elsewhere.

    Raises:
        ConfigError: a name is unknown, a key is missing, or keys do not fit together.
    """
    dataset = run["data"]["dataset"]
    if dataset not in datasets:
        raise ConfigError(f"{where}.data.dataset: {unknown_name('data set', dataset, datasets)}")
    model = checked_model(run["model"], f"{where}.model")
    _check_optimiser(run.get("optimiser", {}), where)
    declared = declaration(run, where)
    task = _checked_task(run, where)
    _check_keys(run, declared, where)
    layout = datasets[dataset].layout
    if layout not in declared.layouts:
        raise ConfigError(
            f"{where}.data.dataset: data set {dataset!r} has the layout {layout!r}, but {_trainer(run)} reads "
            f"{' or '.join(declared.layouts)}"
        )
    if run["data"].get("hold_out") and LAYOUTS[layout].bounds:
        raise ConfigError(
            f"{where}.data.hold_out: data set {dataset!r} has the layout {layout!r}, whose examples belong together "
            "and cannot be drawn one by one; remove it"
        )
    held_out = run["data"].get("hold_out", 0)
    if held_out >= 1 and held_out != int(held_out):
        raise ConfigError(f"{where}.data.hold_out is {held_out!r}, expected a share below 1 or a number of examples")
    if "hold_out_seed" in run["data"] and not run["data"].get("hold_out"):
        raise ConfigError(f"{where}.data.hold_out_seed: nothing is drawn; set data.hold_out too, or remove it")
    if "loss" in run and run["loss"] not in declared.losses:
        raise ConfigError(f"{where}.loss: {_trainer(run)}: {unknown_name('loss', run['loss'], declared.losses)}")
    if run.get("l2") and run["optimiser"].get("weight_decay"):
        raise ConfigError(f"{where}.l2: optimiser.weight_decay is set too; keep one of them")
    if run.get("keep"):
        _check_column(run["keep"]["column"], run, declared, f"{where}.keep.column")
    _check_settings_named(run, sources_where or where)
    return {**run, "model": model, **task}


def checked_model(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return a model's table after checking it, with 8 for 8.0 where its family takes whole numbers."""
    name = table["name"]
    parameters = {key: value for key, value in table.items() if key != "name"}
    return {"name": name, **checked_parameters(name, parameters, where)}


def _checked_task(run: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return the key ``task`` of a run after checking its parameters; nothing if the run has none, or only its name."""
    task = task_of(run)
    if task is None:
        return {}
    name, parameters = task
    checked = checked_arguments(parameters, task_parameters(name), f"{where}.task", f"task {name!r}", "parameter")
    return {"task": {"name": name, **checked}} if checked else {}


def _check_optimiser(optimiser: Mapping[str, Any], where: str) -> None:
    known = OPTIMISER_OPTIONS[optimiser["name"]] if optimiser else ()
    for option in optimiser:
        if option not in (*known, "name", "learning_rate", "schedule", "clip"):
            shown, _, key = where.partition(": key ")
            raise ConfigError(f"{shown}: {unknown_key(f'{key}.optimiser.{option}', option, known)}")
    if len(optimiser.get("clip", {"value": 0})) != 1:
        raise ConfigError(f"{where}.optimiser.clip: expected one of value and norm")
    # As torch.optim.SGD demands.
    if optimiser.get("nesterov") and (optimiser.get("momentum", 0) <= 0 or optimiser.get("dampening", 0) != 0):
        raise ConfigError(f"{where}.optimiser.nesterov: expected a momentum above 0 and no dampening beside it")


def _check_keys(run: Mapping[str, Any], declared: Declaration, where: str) -> None:
    """Refuse a run that lacks a key that its training needs, or has one that it does not read."""
    for key in declared.needs:
        if key not in run:
            raise ConfigError(f"{where}.{key} is missing; expected the {key}, which {_trainer(run)} needs")
    unread = {"task"} if task_of(run) is None else set()
    for key in sorted(unread | set(DECLARED_KEYS).difference(declared.needs, declared.options)):
        table, _, name = key.rpartition(".")
        if name in (run.get(table, {}) if table else run):
            raise ConfigError(f"{where}.{key}: {_trainer(run)} does not read it; remove it")


def _check_column(column: str, run: Mapping[str, Any], declared: Declaration, where: str) -> None:
    """Refuse to choose an epoch by a column that the history of a run lacks, or that only runs with probes fill."""
    measured = [name for name in declared.history if not name.startswith("test_")]
    if column.startswith("test_") and column in declared.history:
        raise ConfigError(
            f"{where}: {column!r} would choose the weights by the test set; expected {', '.join(measured)}"
        )
    if column not in measured:
        raise ConfigError(f"{where}: {_trainer(run)}: {unknown_name('column', column, measured)}")


def _check_settings_named(run: Mapping[str, Any], where: str) -> None:
    """Refuse sources of settings, and sentences about what was tried for them, that a run does not have."""
    settings = _setting_names(run)
    check_sources(run, "setting", settings, where)
    for setting in run.get("tried", {}):
        if setting not in settings:
            raise ConfigError(f"{where}.tried: {unknown_name('setting', setting, settings)}")


def _trainer(run: Mapping[str, Any]) -> str:
    task = task_of(run)
    return f"model {run['model']['name']!r}" if task is None else f"task {task[0]!r}"


def _setting_names(run: Mapping[str, Any]) -> set[str]:
    """Return the dotted names of all settings that a run may name a source of, whether set or left to defaults."""
    names = {"model", "task", "data", "data.dataset", "threads", "seeds", *DECLARED_KEYS}
    names |= {f"optimiser.{key}" for key in ("name", "learning_rate", "schedule", "clip")}
    names |= {f"{group}.{item.name}" for group, settings in _GROUPS.items() for item in fields(settings)}
    if "optimiser" in run:
        names |= {f"optimiser.{option}" for option in OPTIMISER_OPTIONS[run["optimiser"]["name"]]}
    task = task_of(run)
    if task is not None:
        names |= {f"task.{parameter}" for parameter in task_parameters(task[0])}
    return names | {f"model.{parameter}" for parameter in build_parameters(run["model"]["name"]) or ()}
