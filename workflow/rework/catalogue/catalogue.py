"""The catalogue: the configuration as typed, frozen objects, cross-checked between files.

It is loaded at the start of every Snakemake call and in every cluster job, so it imports neither torch nor numpy.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from rework.catalogue.assets import Substitute, load_assets, load_substitutes
from rework.catalogue.config import Config, Edition, typed_config
from rework.catalogue.datasets import Dataset, load_datasets
from rework.catalogue.declarations import Declaration, declaration, task_of
from rework.catalogue.loading import load_yaml
from rework.catalogue.names import check_names
from rework.catalogue.sources import by_setting
from rework.catalogue.sweeps import dotted, overlay
from rework.catalogue.validation import validate
from rework.catalogue.writeups import Writeup, check_trainings, load_writeup, writeup_files
from rework.engines.families import is_engine
from rework.errors import ConfigError
from rework.messages import unknown_name
from rework.settings.artefact import ArtefactSettings, Claim, RunReference, Source
from rework.settings.data import AssetSettings, DatasetSettings
from rework.settings.run import ModelSettings, RunSettings

_SHOWN = "config/config.yaml"
# The optimiser in the settings of a run that has none.
_NO_OPTIMISER = {"name": "none", "learning_rate": 0.0}
# Settings that every optimiser has; anything else in the configuration is an option of the particular optimiser.
_OF_ANY_OPTIMISER = ("name", "learning_rate", "schedule", "clip")
# Settings of a run that have the same form in its table.
_AS_WRITTEN = ("data", "initial", "max_steps", "l2", "keep", "probe", "capture")


@dataclass(frozen=True)
class Catalogue:
    """Everything that the configuration declares."""

    root: Path
    config: Config
    sample_config: Config
    assets: Mapping[str, AssetSettings]
    datasets: Mapping[str, Dataset]
    writeups: Mapping[str, Writeup]

    def run_ids(self, edition: Edition, writeup: str | None = None) -> tuple[tuple[str, str, int], ...]:
        """Return (writeup, run, seed) of every training of an edition, except those that lack an asset."""
        return tuple(
            (owner.id, run, seed)
            for owner in self._owners(writeup)
            for run in owner.runs
            if not self.lacking(edition, (), (owner.id, run))
            for seed in self.seeds(edition, owner.id, run)
        )

    def lacking(
        self, edition: Edition, datasets: Collection[str], *runs: tuple[str, str], weights: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Return the assets among weights, and those needed by data sets and (writeup, run), that are unavailable."""
        if edition == "sample" or not self.config.without:
            return ()
        tables = [self._run_table(edition, *run) for run in runs]
        names = dict.fromkeys([*datasets, *(table["data"]["dataset"] for table in tables)])
        needed = [asset for name in names for asset in self.datasets[name].assets]
        needed += [table["initial"]["asset"] for table in tables if table.get("initial")]
        needed += weights
        return tuple(asset for asset in dict.fromkeys(needed) if asset in self.config.without)

    def seeds(self, edition: Edition, writeup: str, run: str) -> tuple[int, ...]:
        """Return the seeds of a run."""
        if edition == "sample":
            return self.sample_config.seeds
        return tuple(self._run_table(edition, writeup, run).get("seeds", self.config.seeds))

    def run(self, edition: Edition, writeup: str, run: str, seed: int) -> RunSettings:
        """Return the settings of a run with one seed."""
        config = self._config(edition)
        table = self._run_table(edition, writeup, run)
        optimiser, task = table.get("optimiser", _NO_OPTIMISER), task_of(table)
        return RunSettings.from_json(
            {
                **{key: table[key] for key in _AS_WRITTEN if key in table},
                "writeup": writeup,
                "run": run,
                "seed": seed,
                "global_seed": config.global_seed,
                "model": {"name": table["model"]["name"], "parameters": _others(table["model"], "name")},
                "optimiser": {
                    **{key: optimiser[key] for key in _OF_ANY_OPTIMISER if key in optimiser},
                    "options": _others(optimiser, *_OF_ANY_OPTIMISER),
                },
                "loss": table.get("loss", "none"),
                "batch_size": table.get("batch_size", 0),
                "task": None if task is None else {"name": task[0], "parameters": task[1]},
                "epochs": table.get("epochs", 0),
                "precision": table.get("precision", config.precision),
                "threads": config.threads or table.get("threads", 1),
            },
            f"config/writeups/{writeup}.yaml: run {run}",
        )

    def sources(self, writeup: str, run: str) -> dict[str, Source]:
        """Return the source of each setting of a run for which one is given; all others are the writeup's.

        Options of its data set are named ``<data set>: <option>``.
        """
        table = self._run_table("full", writeup, run)
        dataset = self.datasets[table["data"]["dataset"]]
        return by_setting(table.get("sources", {})) | by_setting(dataset.sources, f"{dataset.name}: ")

    def sampled(self, writeup: str, run: str) -> frozenset[str]:
        """Return the settings of a run that are the sample edition's own, named as in ``sources``."""
        table = self._run_table("full", writeup, run)
        dataset = self.datasets[table["data"]["dataset"]]
        options = {f"{dataset.name}: {option}" for option in dataset.sample}
        return frozenset({"seeds", *dotted(table.get("sample", {})), *options})

    def tried(self, writeup: str, run: str) -> Mapping[str, str]:
        """Return what was tried before a setting of a run was chosen by its results, in a sentence each."""
        return dict(self._run_table("full", writeup, run).get("tried", {}))

    def artefact_ids(self, writeup: str | None = None) -> tuple[str, ...]:
        """Return the ids of all artefacts, or of one writeup's, in the order of the report."""
        return tuple(f"{owner.id}/{name}" for owner in self._owners(writeup) for name in owner.artefacts)

    def artefact(self, edition: Edition, artefact_id: str) -> ArtefactSettings:
        """Return the settings of an artefact, with the seeds and epochs of its runs."""
        writeup, slash, name = artefact_id.partition("/")
        if not slash:
            raise ConfigError(f"artefact {artefact_id!r} is not of the form <writeup>/<artefact>")
        owner = self.writeup(writeup)
        if name not in owner.artefacts:
            raise ConfigError(f"{owner.shown}: {unknown_name('artefact', name, owner.artefacts)}")
        artefacts = owner.sample_artefacts if edition == "sample" else owner.artefacts
        declared = self._possible(edition, owner.id, artefacts[name])
        runs = tuple(self._reference(edition, owner.id, run.run, run.label) for run in declared.runs)
        data = {*declared.datasets, *declared.weights, *(run.dataset for run in runs)}
        return replace(
            declared,
            runs=runs,
            global_seed=self._config(edition).global_seed,
            comparable=edition == "full" or not data,
        )

    def _possible(self, edition: Edition, writeup: str, declared: ArtefactSettings) -> ArtefactSettings:
        """Return an artefact reduced to what can be made without the assets that are unavailable."""
        # What is only shown beside our own results is left out where it is not available; the artefact is made anyway.
        given = tuple(
            name for name in declared.datasets if not (self.datasets[name].optional and self.lacking(edition, (name,)))
        )
        declared = replace(declared, datasets=given)
        needed = ((writeup, run.run) for run in declared.runs)
        lacking = self.lacking(edition, declared.datasets, *needed, weights=declared.weights)
        if declared.not_run is not None or not lacking:
            return declared
        if declared.kind != "claims":
            return replace(declared, not_run=_without(lacking))
        missing = {
            run.run: assets for run in declared.runs if (assets := self.lacking(edition, (), (writeup, run.run)))
        }
        claims = [
            replace(claim, not_run=claim.not_run or _without(found)) if (found := _first(claim, missing)) else claim
            for claim in declared.claims
        ]
        runs = tuple(run for run in declared.runs if run.run not in missing)
        return replace(declared, runs=runs, claims=tuple(claims))

    def dataset_names(self) -> tuple[str, ...]:
        """Return the names of all data sets."""
        return tuple(self.datasets)

    def is_engine(self, run: str) -> bool:
        """Return whether a run (``writeup/run``) has its own training, without torch and the training loop."""
        writeup, _, name = run.partition("/")
        return is_engine(self._run_table("full", writeup, name)["model"]["name"])

    def declaration(self, writeup: str, run: str) -> Declaration:
        """Return the declaration of a run's task or engine."""
        return declaration(self._run_table("full", writeup, run))

    def initial_assets(self) -> tuple[str, ...]:
        """Return the assets with weights that trainings start with or artefacts read."""
        owners = self.writeups.values()
        tables = (table for owner in owners for table in owner.runs.values())
        assets = [table["initial"]["asset"] for table in tables if table.get("initial")]
        artefacts = (artefact for owner in owners for artefact in owner.artefacts.values())
        return tuple(dict.fromkeys([*assets, *(asset for artefact in artefacts for asset in artefact.weights)]))

    def dataset(self, edition: Edition, name: str) -> DatasetSettings:
        """Return the settings of a data set of an edition."""
        if name not in self.datasets:
            raise ConfigError(f"config/assets.yaml: {unknown_name('data set', name, self.datasets)}")
        declared = self.datasets[name]
        sample = edition == "sample"
        return DatasetSettings(
            name=name,
            sample=sample,
            assets=() if sample else tuple(self.assets[asset] for asset in declared.assets),
            options=overlay(declared.options, declared.sample) if sample else declared.options,
            global_seed=self._config(edition).global_seed,
            layout=declared.layout,
        )

    def model_ids(self) -> tuple[tuple[str, str], ...]:
        """Return (writeup, model) of every model that is described without being trained."""
        return tuple((owner.id, model) for owner in self.writeups.values() for model in owner.models)

    def model(self, writeup: str, name: str) -> ModelSettings:
        """Return the settings of a described model."""
        owner = self.writeup(writeup)
        if name not in owner.models:
            raise ConfigError(f"{owner.shown}: {unknown_name('model', name, owner.models)}")
        return owner.models[name]

    def writeup(self, writeup: str) -> Writeup:
        """Return a writeup."""
        if writeup not in self.writeups:
            raise ConfigError(unknown_name("writeup", writeup, self.writeups))
        return self.writeups[writeup]

    def _owners(self, writeup: str | None) -> tuple[Writeup, ...]:
        return tuple(self.writeups.values()) if writeup is None else (self.writeup(writeup),)

    def _config(self, edition: Edition) -> Config:
        return self.sample_config if edition == "sample" else self.config

    def _run_table(self, edition: Edition, writeup: str, run: str) -> Mapping[str, Any]:
        owner = self.writeup(writeup)
        tables = owner.sample_runs if edition == "sample" else owner.runs
        if run not in tables:
            raise ConfigError(f"{owner.shown}: {unknown_name('run', run, tables)}")
        return tables[run]

    def _reference(self, edition: Edition, writeup: str, run: str, label: str) -> RunReference:
        table = self._run_table(edition, writeup, run)
        dataset = table["data"]["dataset"]
        return RunReference(
            run=run,
            label=label,
            dataset=dataset,
            seeds=self.seeds(edition, writeup, run),
            epochs=table.get("epochs", 0),
            max_steps=table.get("max_steps"),
            initial=table["initial"]["asset"] if table.get("initial") else None,
        )


def _others(table: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the entries of a table except those with these names."""
    return {key: value for key, value in table.items() if key not in names}


def _without(assets: Collection[str]) -> str:
    return f"Left out, because the configuration says that it cannot have {', '.join(assets)} (key without)."


def _first(claim: Claim, missing: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the assets that the first incomplete run of a claim lacks, or an empty tuple."""
    return next((missing[run] for run in (claim.left, *claim.right) if run in missing), ())


def load_catalogue(root: Path, overrides: Mapping[str, Any] | None = None) -> Catalogue:
    """Read and check ``config/`` below ``root``.

    Args:
        root: the repository.
        overrides: values that override ``config/config.yaml``, as from Snakemake's ``--config``.

    Raises:
        ConfigError: a file is wrong; the message names it, the key, and what was expected.
    """
    return _Loader(root, dict(overrides or {})).catalogue


class _Loader:
    """Loads the configuration once; each part is read when it is first needed."""

    def __init__(self, root: Path, overrides: dict[str, Any]) -> None:
        self.root = root
        self.overrides = overrides

    @property
    def shown(self) -> str:
        """The source of the settings, as named in messages."""
        return f"{_SHOWN} with --config" if self.overrides else _SHOWN

    @cached_property
    def catalogue(self) -> Catalogue:
        assets = {name: entry.asset for name, entry in self.substitutes.items()}
        loaded = [load_writeup(path, self.datasets) for path in writeup_files(self.root)]
        writeups = {writeup.id: writeup for writeup in sorted(loaded, key=lambda writeup: (writeup.file, writeup.id))}
        self._check_assets(writeups)
        for writeup in loaded:
            check_trainings(writeup, self.config.seeds, self.sample_config.seeds)
        chosen = self.config.writeup
        if chosen is not None and chosen not in writeups:
            raise ConfigError(f"{self.shown}: key writeup: {unknown_name('writeup', chosen, writeups)}")
        return Catalogue(self.root, self.config, self.sample_config, self.official | assets, self.datasets, writeups)

    def _check_assets(self, writeups: Mapping[str, Writeup]) -> None:
        for name in self.config.without:
            if name not in self.official:
                raise ConfigError(f"{self.shown}: key without: {unknown_name('asset', name, self.official)}")
        for writeup in writeups.values():
            for run, table in writeup.runs.items():
                asset = table.get("initial", {}).get("asset")
                if asset is not None and asset not in self.official:
                    where = f"{writeup.shown}: key runs.{run}.initial.asset"
                    raise ConfigError(f"{where}: {unknown_name('asset', asset, self.official)}")
            for name, artefact in writeup.artefacts.items():
                for asset in artefact.weights:
                    if asset not in self.official:
                        where = f"{writeup.shown}: key artefacts.{name}.weights"
                        raise ConfigError(f"{where}: {unknown_name('asset', asset, self.official)}")

    @cached_property
    def table(self) -> dict[str, Any]:
        table = overlay(load_yaml(self.root / _SHOWN, _SHOWN), self.overrides)
        validate(table, "config", self.shown)
        return table

    @cached_property
    def plain_config(self) -> Config:
        return typed_config(self.table, self.shown)

    @cached_property
    def config(self) -> Config:
        # A substitute is found by its checksum, like every file that the user already has.
        folders = (*self.plain_config.local_folders, *(entry.folder for entry in self.substitutes.values()))
        return replace(self.plain_config, local_folders=tuple(dict.fromkeys(folders)))

    @cached_property
    def sample_config(self) -> Config:
        shown = "config/sample.yaml"
        changes = load_yaml(self.root / shown, shown)
        validate(changes, "sample", shown)
        table = overlay(overlay(self.table, changes), self.overrides)  # the command line applies to the sample too
        validate(table, "config", shown)
        return typed_config(table, self.shown)

    @cached_property
    def substitutes(self) -> dict[str, Substitute]:
        substitutes: dict[str, Substitute] = {}
        for path in self.plain_config.substitutes:
            substitutes |= load_substitutes(self.root / path, str(path), self.official)
        return substitutes

    @cached_property
    def official(self) -> dict[str, AssetSettings]:
        return load_assets(self._asset_table["assets"])

    @cached_property
    def datasets(self) -> dict[str, Dataset]:
        return load_datasets(self._asset_table["datasets"], self._asset_table["assets"])

    @cached_property
    def _asset_table(self) -> dict[str, Any]:
        shown = "config/assets.yaml"
        table = load_yaml(self.root / shown, shown)
        validate(table, "assets", shown)
        check_names(table, ("assets", "datasets"), shown)
        return table
