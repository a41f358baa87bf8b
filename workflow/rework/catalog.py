"""The catalogue: the configuration as typed, frozen objects, checked across files.

It is read at the start of every Snakemake call and in every cluster job, so it imports neither torch nor numpy.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from rework.configuration.assets import Substitute, load_assets, load_substitutes
from rework.configuration.loading import load_yaml
from rework.configuration.sweeps import overlay
from rework.configuration.validation import unknown_name, validate
from rework.configuration.writeups import Writeup, load_writeup
from rework.errors import ConfigError
from rework.settings.artefact import ArtefactSettings, RunReference
from rework.settings.data import AssetSettings, DatasetSettings
from rework.settings.run import (
    AugmentSettings,
    CaptureSettings,
    DataSettings,
    InitialSettings,
    L2Settings,
    ModelSettings,
    OptimiserSettings,
    Precision,
    ProbeSettings,
    RunSettings,
)

Edition = Literal["full", "sample"]
EDITIONS: tuple[Edition, ...] = ("full", "sample")
_SHOWN = "config/config.yaml"


@dataclass(frozen=True)
class ReportConfig:
    """What the report says of itself."""

    title: str
    subtitle: str


@dataclass(frozen=True)
class Config:
    """``config/config.yaml`` with what the command line changes; paths are as written, relative to the repository."""

    edition: Edition
    data_dir: Path
    local_folders: tuple[Path, ...]
    offline: bool
    substitutes: tuple[Path, ...]
    device: Literal["auto", "cpu", "cuda"]
    precision: Precision
    global_seed: int
    seeds: tuple[int, ...]
    threads: int | None
    writeup: str | None
    report: ReportConfig


@dataclass(frozen=True)
class Dataset:
    """A data set as ``assets.yaml`` declares it, for both editions; ``words``: its examples form words."""

    name: str
    title: str
    assets: tuple[str, ...]
    options: Mapping[str, Any]
    sample: Mapping[str, Any]
    assumed: tuple[str, ...]
    words: bool


@dataclass(frozen=True)
class Catalog:
    """Everything that the configuration declares."""

    root: Path
    config: Config
    sample_config: Config
    assets: Mapping[str, AssetSettings]
    datasets: Mapping[str, Dataset]
    writeups: Mapping[str, Writeup]

    def run_ids(self, edition: Edition, writeup: str | None = None) -> tuple[tuple[str, str, int], ...]:
        """Return (writeup, run, seed) of every training of an edition."""
        return tuple(
            (owner.id, run, seed)
            for owner in self._owners(writeup)
            for run in owner.runs
            for seed in self.seeds(edition, owner.id, run)
        )

    def seeds(self, edition: Edition, writeup: str, run: str) -> tuple[int, ...]:
        """Return the seeds that a run is trained with."""
        if edition == "sample":
            return self.sample_config.seeds
        return tuple(self._run_table(edition, writeup, run).get("seeds", self.config.seeds))

    def run(self, edition: Edition, writeup: str, run: str, seed: int) -> RunSettings:
        """Return the settings of a run with one seed."""
        config = self._config(edition)
        table = self._run_table(edition, writeup, run)
        model, optimiser = dict(table["model"]), dict(table["optimiser"])
        capture, data = table.get("capture", {}), dict(table["data"])
        augment, probe, initial = AugmentSettings(**data.pop("augment", {})), table.get("probe"), table.get("initial")
        return RunSettings(
            writeup=writeup,
            run=run,
            seed=seed,
            global_seed=config.global_seed,
            model=ModelSettings(model.pop("name"), model),
            data=DataSettings(**data, augment=augment),
            optimiser=OptimiserSettings(
                name=optimiser.pop("name"),
                learning_rate=float(optimiser.pop("learning_rate")),
                schedule=optimiser.pop("schedule", "constant"),
                options=optimiser,
            ),
            loss=table["loss"],
            batch_size=table["words_per_update" if data.get("view") == "words" else "batch_size"],
            epochs=table["epochs"],
            initial=None if initial is None else InitialSettings(**initial),
            max_steps=table.get("max_steps"),
            l2=L2Settings(**table.get("l2", {})),
            probe=None if probe is None else ProbeSettings(**probe),
            precision=table.get("precision", config.precision),
            threads=config.threads or table.get("threads", 1),
            capture=CaptureSettings(tuple(capture.get("layers", ())), tuple(capture.get("images", ()))),
            assumed=tuple(table.get("assumed", ())),
        )

    def artefact_ids(self, writeup: str | None = None) -> tuple[str, ...]:
        """Return the ids of all artefacts, or of one writeup's, in the order of the report."""
        return tuple(f"{owner.id}/{name}" for owner in self._owners(writeup) for name in owner.artefacts)

    def artefact(self, edition: Edition, artefact_id: str) -> ArtefactSettings:
        """Return the settings of an artefact, with the seeds, epochs and assumed settings of its runs."""
        owner = self.writeup(artefact_id.partition("/")[0])
        name = artefact_id.partition("/")[2]
        if name not in owner.artefacts:
            raise ConfigError(f"{owner.shown}: {unknown_name('artefact', name, owner.artefacts)}")
        declared = owner.artefacts[name]
        labels = owner.run_labels.get(name, {})
        runs = tuple(self._reference(edition, owner.id, run.run, labels.get(run.run, run.run)) for run in declared.runs)
        datasets = {*declared.datasets, *(run.dataset for run in runs)}
        return replace(
            declared,
            runs=runs,
            global_seed=self._config(edition).global_seed,
            comparable=edition == "full" or not datasets,
        )

    def dataset_names(self) -> tuple[str, ...]:
        """Return the names of all data sets."""
        return tuple(self.datasets)

    def has_words(self, dataset: str) -> bool:
        """Return whether the examples of a data set form words."""
        return self.datasets[dataset].words

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
            epochs=table["epochs"],
            max_steps=table.get("max_steps"),
            assumed=(*table.get("assumed", ()), *(f"{dataset}: {name}" for name in self.datasets[dataset].assumed)),
        )


def load_catalog(root: Path, overrides: Mapping[str, Any] | None = None) -> Catalog:
    """Read and check ``config/`` below ``root``.

    Args:
        root: the repository.
        overrides: values over ``config/config.yaml``, as Snakemake's ``--config`` gives them.

    Raises:
        ConfigError: a file is wrong; the message names it, the key, and what was expected.
    """
    return _Loader(root, dict(overrides or {})).catalog


class _Loader:
    """One reading of the configuration; each part is read when another first needs it."""

    def __init__(self, root: Path, overrides: dict[str, Any]) -> None:
        self.root = root
        self.overrides = overrides

    @property
    def shown(self) -> str:
        """How messages name where the settings come from."""
        return f"{_SHOWN} with --config" if self.overrides else _SHOWN

    @cached_property
    def catalog(self) -> Catalog:
        assets = {name: entry.asset for name, entry in self.substitutes.items()}
        loaded = [load_writeup(path, self.datasets) for path in (self.root / "config" / "writeups").glob("*.yaml")]
        if not loaded:
            raise ConfigError("config/writeups: no file; expected one <writeup>.yaml for each writeup")
        writeups = {writeup.id: writeup for writeup in sorted(loaded, key=lambda writeup: (writeup.file, writeup.id))}
        chosen = self.config.writeup
        if chosen is not None and chosen not in writeups:
            raise ConfigError(f"{self.shown}: key writeup: {unknown_name('writeup', chosen, writeups)}")
        return Catalog(self.root, self.config, self.sample_config, self.official | assets, self.datasets, writeups)

    @cached_property
    def table(self) -> dict[str, Any]:
        table = overlay(load_yaml(self.root / _SHOWN, _SHOWN), self.overrides)
        validate(table, "config", self.shown)
        return table

    @cached_property
    def plain_config(self) -> Config:
        return self._config(self.table)

    @cached_property
    def config(self) -> Config:
        # A substitute is found by its checksum, like every file that the user has already.
        folders = (*self.plain_config.local_folders, *(entry.folder for entry in self.substitutes.values()))
        return replace(self.plain_config, local_folders=tuple(dict.fromkeys(folders)))

    @cached_property
    def sample_config(self) -> Config:
        shown = "config/sample.yaml"
        changes = load_yaml(self.root / shown, shown)
        validate(changes, "sample", shown)
        # What the command line says holds for the sample too.
        return self._config(overlay(overlay(self.table, changes), self.overrides))

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
        datasets = {}
        for name, table in self._asset_table["datasets"].items():
            for asset in table["assets"]:
                if asset not in self._asset_table["assets"]:
                    known = unknown_name("asset", asset, self._asset_table["assets"])
                    raise ConfigError(f"config/assets.yaml: key datasets.{name}.assets: {known}")
            datasets[name] = Dataset(
                name=name,
                title=table.get("title", name),
                assets=tuple(table["assets"]),
                options=table.get("options", {}),
                sample=table.get("sample", {}),
                assumed=tuple(table.get("assumed", ())),
                words=table.get("words", False),
            )
        return datasets

    @cached_property
    def _asset_table(self) -> dict[str, Any]:
        shown = "config/assets.yaml"
        table = load_yaml(self.root / shown, shown)
        validate(table, "assets", shown)
        return table

    def _config(self, table: Mapping[str, Any]) -> Config:
        extra = os.environ.get("REWORK_DATA", "").split(os.pathsep)
        return Config(
            edition=table["edition"],
            data_dir=Path(table["data_dir"]).expanduser(),
            local_folders=tuple(
                dict.fromkeys(Path(folder).expanduser() for folder in (*table["local_folders"], *filter(None, extra)))
            ),
            offline=table["offline"],
            substitutes=tuple(Path(path).expanduser() for path in table["substitutes"]),
            device=table["device"],
            precision=table["precision"],
            global_seed=table["global_seed"],
            seeds=tuple(table["seeds"]),
            threads=None if table["threads"] == "auto" else table["threads"],
            writeup=table.get("writeup"),
            report=ReportConfig(**table["report"]),
        )
