"""One file of ``config/writeups``: its runs and sweeps, checked, and its artefacts (see ``catalogue.artefacts``)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rework.catalogue.artefacts import load_artefacts
from rework.catalogue.datasets import Dataset
from rework.catalogue.loading import load_yaml
from rework.catalogue.signatures import (
    TRAINING_KEYS,
    build_parameters,
    check_parameters,
    training_keys,
)
from rework.catalogue.sweeps import RUN_NAME, expand_sweep, overlay, sweep_run_label, sweep_run_name
from rework.catalogue.validation import validate
from rework.engines.families import is_engine
from rework.errors import ConfigError
from rework.messages import unknown_key, unknown_name
from rework.settings.artefact import ArtefactSettings
from rework.settings.run import ModelSettings

_Tables = dict[str, dict[str, Any]]
_OPTIMISER_OPTIONS = {
    "sgd": ("momentum", "dampening", "weight_decay", "nesterov"),
    "adam": ("betas", "eps", "weight_decay", "amsgrad"),
}
ENGINE_LOSSES = ("squared-error",)
"""Losses that the training loop does not know."""
# What only the training loop reads.
_TORCH_KEYS = ("words_per_update", "max_steps", "l2", "probe", "precision", "capture", "initial")


@dataclass(frozen=True)
class Writeup:
    """A writeup as the configuration declares it.

    ``runs`` and ``sample_runs`` hold the validated tables of every run, sweeps expanded, for the two editions.
    ``artefacts`` carry references to runs by name and label only; the catalogue adds what the edition says of them.
    """

    id: str
    shown: str
    title: str
    authors: tuple[str, ...]
    year: int | None
    file: str
    summary: str
    models: Mapping[str, ModelSettings]
    runs: Mapping[str, Mapping[str, Any]]
    sample_runs: Mapping[str, Mapping[str, Any]]
    artefacts: Mapping[str, ArtefactSettings]


def writeup_files(root: Path) -> list[Path]:
    """Return the files of ``config/writeups`` below a folder.

    Raises:
        ConfigError: there is none, or something else lies beside them, which nothing would read.
    """
    folder = root / "config" / "writeups"
    found = sorted(path for path in folder.glob("*") if not path.name.startswith("."))
    for path in found:
        if path.suffix != ".yaml" or not path.is_file():
            raise ConfigError(f"config/writeups/{path.name}: nothing reads it; expected a file {path.stem}.yaml")
    if not found:
        raise ConfigError("config/writeups: no file; expected one <writeup>.yaml for each writeup")
    return found


def load_writeup(path: Path, datasets: Mapping[str, Dataset]) -> Writeup:
    """Read and check a writeup's file.

    Raises:
        ConfigError: it does not fit its schema, or one part of it names another that does not exist.
    """
    shown = f"config/writeups/{path.name}"
    table = load_yaml(path, shown)
    validate(table, "writeup", shown)
    if table["id"] != path.stem:
        raise ConfigError(f"{shown}: key id: found {table['id']!r}, expected the file's name {path.stem!r}")
    runs, sample_runs = _runs(table, shown, datasets)
    models = {name: _model(model, f"{shown}: key models.{name}") for name, model in table.get("models", {}).items()}
    return Writeup(
        id=table["id"],
        shown=shown,
        title=table["title"],
        authors=tuple(table["authors"]),
        year=table.get("year"),
        file=table["file"],
        summary=table["summary"],
        models=models,
        runs=runs,
        sample_runs=sample_runs,
        artefacts=load_artefacts(table, shown, runs, models, datasets),
    )


def _runs(table: Mapping[str, Any], shown: str, datasets: Mapping[str, Dataset]) -> tuple[_Tables, _Tables]:
    """Return all runs, the declared ones and then those of the sweeps, for the full and for the sample edition."""
    full: _Tables = {}
    sample: _Tables = {}

    def add(name: str, run: dict[str, Any], origin: str) -> None:
        full[name] = run
        sample[name] = _sample_run(run, shown, origin, datasets)

    for name, run in table.get("runs", {}).items():
        if not RUN_NAME.fullmatch(name):
            raise ConfigError(f"{shown}: key runs.{name}: expected letters and digits, joined by -, _ or .")
        _check_run(run, f"{shown}: key runs.{name}", datasets)
        add(name, run, f"runs.{name}")
    declared = dict(full)
    for sweep_name, sweep in table.get("sweeps", {}).items():
        origin = f"sweeps.{sweep_name}"
        for setting, run in expand_sweep(sweep_name, sweep, declared, shown):
            # The base run is right, so whatever is wrong now comes from the sweep.
            validate(run, "writeup", shown, part="run", prefix=f"{origin}.over")
            _check_run(run, f"{shown}: key {origin}.over", datasets)
            name = sweep_run_name(sweep["name"], setting, f"{shown}: key {origin}.name")
            if name in full:
                raise ConfigError(
                    f"{shown}: key {origin}.name: there is already a run {name!r}; put every key of over into the name"
                )
            label = sweep_run_label(sweep, setting, f"{shown}: key {origin}.label")
            add(name, run if label is None else {**run, "label": label}, origin)
    return full, sample


def _sample_run(run: Mapping[str, Any], shown: str, origin: str, datasets: Mapping[str, Dataset]) -> dict[str, Any]:
    table = overlay({key: value for key, value in run.items() if key != "sample"}, run.get("sample", {}))
    if run.get("sample"):
        validate(table, "writeup", shown, part="run", prefix=f"{origin}.sample")
        _check_run(table, f"{shown}: key {origin}.sample", datasets)
    return table


def _check_run(run: Mapping[str, Any], where: str, datasets: Mapping[str, Dataset]) -> None:
    dataset = run["data"]["dataset"]
    if dataset not in datasets:
        raise ConfigError(f"{where}.data.dataset: {unknown_name('data set', dataset, datasets)}")
    _model(run["model"], f"{where}.model")
    _check_optimiser(run.get("optimiser", {}), where)
    _check_keys(run, where)
    if not is_engine(run["model"]["name"]):
        _check_view(run, where)
    settings = _setting_names(run)
    for position, assumed in enumerate(run.get("assumed", ())):
        if assumed not in settings:
            raise ConfigError(f"{where}.assumed[{position}]: {unknown_name('setting', assumed, settings)}")


def _check_optimiser(optimiser: Mapping[str, Any], where: str) -> None:
    known = _OPTIMISER_OPTIONS[optimiser["name"]] if optimiser else ()
    for option in optimiser:
        if option not in (*known, "name", "learning_rate", "schedule"):
            shown, _, key = where.partition(": key ")
            raise ConfigError(f"{shown}: {unknown_key(f'{key}.optimiser.{option}', option, known)}")


def _check_keys(run: Mapping[str, Any], where: str) -> None:
    """Refuse a run that lacks what its model's training needs, or sets what an engine does not read."""
    family = run["model"]["name"]
    needed = training_keys(family)
    for key in needed:
        # Which of its two names the batch size has, the view decides.
        if key not in run and (key != "batch_size" or is_engine(family)):
            raise ConfigError(f"{where}.{key} is missing; expected the {key}, which model {family!r} needs")
    if not is_engine(family) and run["loss"] in ENGINE_LOSSES:
        raise ConfigError(f"{where}.loss: model {family!r} cannot be trained with {run['loss']!r}")
    for key in sorted({*TRAINING_KEYS, *_TORCH_KEYS}.difference(needed)) if is_engine(family) else ():
        if key in run:
            raise ConfigError(f"{where}.{key}: model {family!r} does not read it; remove it")


def _check_view(run: Mapping[str, Any], where: str) -> None:
    """Refuse settings of single examples in a run on words, and the other way round."""
    view = run["data"].get("view", "examples")
    wanted, other = ("words_per_update", "batch_size") if view == "words" else ("batch_size", "words_per_update")
    if wanted not in run:
        raise ConfigError(f"{where}: missing key {wanted!r}, which a run with data.view {view!r} needs")
    unfit = [other] if view == "examples" else [other, "capture", "probe", "data.augment"]
    for key in unfit:
        place = run["data"] if key.startswith("data.") else run
        if key.removeprefix("data.") in place:
            raise ConfigError(f"{where}.{key}: does not fit a run with data.view {view!r}; remove it")
    if run.get("l2") and run["optimiser"].get("weight_decay"):
        raise ConfigError(f"{where}.l2: optimiser.weight_decay is set too; keep one of them")


def _setting_names(run: Mapping[str, Any]) -> set[str]:
    """Return the dotted names of everything that a run may be said to assume, stated or left to its default."""
    names = {
        "model",
        "data",
        "data.dataset",
        "data.normalise",
        "data.view",
        "data.augment",
        "optimiser",
        "optimiser.name",
        "optimiser.learning_rate",
        "optimiser.schedule",
        "initial",
    }
    names |= {"loss", "batch_size", "words_per_update", "epochs", "max_steps", "l2", "precision", "threads", "seeds"}
    if "optimiser" in run:
        names |= {f"optimiser.{option}" for option in _OPTIMISER_OPTIONS[run["optimiser"]["name"]]}
    return names | {f"model.{parameter}" for parameter in build_parameters(run["model"]["name"]) or ()}


def _model(table: Mapping[str, Any], where: str) -> ModelSettings:
    parameters = {key: value for key, value in table.items() if key != "name"}
    check_parameters(table["name"], parameters, where)
    return ModelSettings(table["name"], parameters)
