"""Checking a run against the model, the task or engine, and the data set that it names."""

from collections.abc import Mapping
from typing import Any

from rework.catalogue.datasets import Dataset
from rework.catalogue.declarations import DECLARED_KEYS, TASKS, Declaration, declaration, task_of
from rework.catalogue.signatures import build_parameters, check_arguments, check_parameters, function_parameters
from rework.catalogue.sources import check_sources
from rework.errors import ConfigError
from rework.messages import unknown_key, unknown_name
from rework.settings.run import OPTIMISER_OPTIONS, ModelSettings


def check_run(run: Mapping[str, Any], where: str, datasets: Mapping[str, Dataset]) -> None:
    """Check a run's table, which fits the schema.

    Args:
        run: the table, in one edition.
        where: the file and the key of the run, for messages.
        datasets: all data sets.

    Raises:
        ConfigError: a name is unknown, a key is missing, or keys do not fit together.
    """
    dataset = run["data"]["dataset"]
    if dataset not in datasets:
        raise ConfigError(f"{where}.data.dataset: {unknown_name('data set', dataset, datasets)}")
    check_model(run["model"], f"{where}.model")
    _check_optimiser(run.get("optimiser", {}), where)
    declared = declaration(run, where)
    _check_keys(run, declared, where)
    layout = datasets[dataset].layout
    if layout not in declared.layouts:
        raise ConfigError(
            f"{where}.data.dataset: data set {dataset!r} has the layout {layout!r}, but {_trainer(run)} reads "
            f"{' or '.join(declared.layouts)}"
        )
    if "loss" in run and run["loss"] not in declared.losses:
        raise ConfigError(f"{where}.loss: {_trainer(run)}: {unknown_name('loss', run['loss'], declared.losses)}")
    if run.get("l2") and run["optimiser"].get("weight_decay"):
        raise ConfigError(f"{where}.l2: optimiser.weight_decay is set too; keep one of them")
    settings = _setting_names(run)
    check_sources(run, "setting", settings, where)
    for setting in run.get("tried", {}):
        if setting not in settings:
            raise ConfigError(f"{where}.tried: {unknown_name('setting', setting, settings)}")


def check_model(table: Mapping[str, Any], where: str) -> ModelSettings:
    """Return a model after checking its parameters against its family."""
    parameters = {key: value for key, value in table.items() if key != "name"}
    check_parameters(table["name"], parameters, where)
    return ModelSettings(table["name"], parameters)


def _check_optimiser(optimiser: Mapping[str, Any], where: str) -> None:
    known = OPTIMISER_OPTIONS[optimiser["name"]] if optimiser else ()
    for option in optimiser:
        if option not in (*known, "name", "learning_rate", "schedule"):
            shown, _, key = where.partition(": key ")
            raise ConfigError(f"{shown}: {unknown_key(f'{key}.optimiser.{option}', option, known)}")


def _check_keys(run: Mapping[str, Any], declared: Declaration, where: str) -> None:
    """Refuse a run that lacks a key that its training needs, or has one that it does not read."""
    for key in declared.needs:
        if key not in run:
            raise ConfigError(f"{where}.{key} is missing; expected the {key}, which {_trainer(run)} needs")
    task = task_of(run)
    if task is not None:
        known = function_parameters(TASKS / f"{task[0].replace('-', '_')}.py", "build") or {}
        check_arguments(task[1], known, f"{where}.task", f"task {task[0]!r}", "parameter")
    unread = {"task"} if task is None else set()
    for key in sorted(unread | set(DECLARED_KEYS).difference(declared.needs, declared.options)):
        table, _, name = key.rpartition(".")
        if name in (run.get(table, {}) if table else run):
            raise ConfigError(f"{where}.{key}: {_trainer(run)} does not read it; remove it")


def _trainer(run: Mapping[str, Any]) -> str:
    task = task_of(run)
    return f"model {run['model']['name']!r}" if task is None else f"task {task[0]!r}"


def _setting_names(run: Mapping[str, Any]) -> set[str]:
    """Return the dotted names of all settings that a run may name a source of, whether set or left to defaults."""
    names = {"model", "task", "data", "data.dataset", "threads", "seeds", *DECLARED_KEYS}
    names |= {"optimiser.name", "optimiser.learning_rate", "optimiser.schedule"}
    if "optimiser" in run:
        names |= {f"optimiser.{option}" for option in OPTIMISER_OPTIONS[run["optimiser"]["name"]]}
    return names | {f"model.{parameter}" for parameter in build_parameters(run["model"]["name"]) or ()}
