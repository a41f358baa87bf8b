"""Loading one file of ``config/writeups``: its runs and sweeps, and its artefacts (see ``catalogue.artefacts``)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rework.catalogue.artefacts import load_artefacts
from rework.catalogue.datasets import Dataset
from rework.catalogue.loading import load_yaml
from rework.catalogue.names import EXPECTED, NAME, RESERVED, check_names
from rework.catalogue.run_checks import checked_model, checked_run
from rework.catalogue.signatures import families
from rework.catalogue.sweeps import expand_sweep, overlay, sweep_run_label, sweep_run_name, values_at
from rework.catalogue.validation import validate
from rework.errors import ConfigError
from rework.messages import with_blanks
from rework.settings.artefact import ArtefactSettings
from rework.settings.run import ModelSettings

MOST_TRAININGS = 100_000
"""Runs times seeds of one writeup: the plan of more does not fit into memory."""
_Tables = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Writeup:
    """A writeup as declared in the configuration.

    ``runs`` and ``sample_runs`` hold the validated tables of every run, with sweeps expanded, for the two editions.
    ``artefacts`` and ``sample_artefacts`` refer to runs by name and label only; the catalogue adds the rest of what
    depends on the edition.
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
    sample_artefacts: Mapping[str, ArtefactSettings]
    references: tuple[Mapping[str, Any], ...] = ()


def writeup_files(root: Path) -> list[Path]:
    """Return the files of ``config/writeups`` below a folder.

    Raises:
        ConfigError: there are none, or there is another file beside them, which nothing would read.
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
        ConfigError: it does not fit its schema, or refers to something that does not exist.
    """
    shown = f"config/writeups/{path.name}"
    table = load_yaml(path, shown)
    validate(table, "writeup", shown)
    check_names(table, ("models", "runs", "sweeps", "artefacts"), shown)
    if table["id"] != path.stem:
        raise ConfigError(f"{shown}: key id: found {table['id']!r}, expected the file's name {path.stem!r}")
    if table["id"] in RESERVED or not NAME.fullmatch(table["id"]):
        taken = "a rule of the workflow has this name" if table["id"] in RESERVED else EXPECTED
        raise ConfigError(f"{shown}: key id: found {table['id']!r}: {taken}; rename the file and its id")
    runs, sample_runs = _runs(table, shown, datasets)
    models: dict[str, ModelSettings] = {}
    for name, model in table.get("models", {}).items():
        checked = checked_model(model, f"{shown}: key models.{name}")
        models[name] = ModelSettings(checked.pop("name"), checked)
    artefacts, sample_artefacts = load_artefacts(table, shown, runs, sample_runs, models, datasets)
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
        artefacts=artefacts,
        sample_artefacts=sample_artefacts,
        references=tuple(table.get("references", ())),
    )


def check_trainings(writeup: Writeup, seeds: Collection[int], sample_seeds: Collection[int]) -> None:
    """Refuse a writeup with more trainings than can be planned.

    Args:
        writeup: the writeup.
        seeds: those of runs without their own.
        sample_seeds: those of all runs in the sample edition.

    Raises:
        ConfigError: there are too many.
    """
    full = sum(len(run.get("seeds", seeds)) for run in writeup.runs.values())
    for count, source in (
        (full, "their seeds"),
        (len(writeup.runs) * len(sample_seeds), "the seeds of the sample edition"),
    ):
        if count > MOST_TRAININGS:
            raise ConfigError(
                f"{writeup.shown}: key runs: with {source} they are {with_blanks(count)} trainings, expected at most "
                f"{with_blanks(MOST_TRAININGS)} in one writeup; take seeds, runs or values of sweeps out"
            )


def _runs(table: Mapping[str, Any], shown: str, datasets: Mapping[str, Dataset]) -> tuple[_Tables, _Tables]:
    """Return all runs, the declared ones and then those of the sweeps, for the full and for the sample edition."""
    full: _Tables = {}
    sample: _Tables = {}

    def add(name: str, run: dict[str, Any], origin: str) -> None:
        full[name] = run
        sample[name] = _sample_run(run, shown, origin, datasets)

    for name, run in table.get("runs", {}).items():
        add(name, checked_run(run, f"{shown}: key runs.{name}", datasets), f"runs.{name}")
    declared = dict(full)
    for sweep_name, sweep in table.get("sweeps", {}).items():
        origin = f"sweeps.{sweep_name}"
        for varied in expand_sweep(sweep_name, sweep, declared, shown):
            # The base run is right, so any mistake comes from the sweep.
            validate(varied, "writeup", shown, part="run", prefix=f"{origin}.over")
            run = checked_run(varied, f"{shown}: key {origin}.over", datasets, f"{shown}: key {origin}")
            setting = values_at(sweep["over"], run)  # of the checked run: 8 where over has 8.0
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
        where = f"{shown}: key {origin}.sample"
        validate(table, "writeup", shown, part="run", prefix=f"{origin}.sample")
        name, task = table["model"]["name"], table.get("task")
        # The rules, claims and artefacts of a run are those of its model and task, whatever the edition.
        if (name != run["model"]["name"] and name in families()) or task != run.get("task"):
            raise ConfigError(f"{where}: expected the model and the task of the run itself")
        table = checked_run(table, where, datasets)
    return table
