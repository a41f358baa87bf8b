"""Which files the catalogue asks for: what every result consists of and what it is made from.

The rules take their inputs and outputs from here, ``verify`` holds the results folder against it, and ``publish`` knows
from it what to copy.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from rework import paths
from rework.catalog import Catalog, Edition
from rework.files import canonical_json, sha256_text
from rework.settings.artefact import ArtefactSettings
from rework.settings.data import DatasetSettings
from rework.settings.plain import plain
from rework.settings.run import CaptureSettings, RunSettings

_SPLITS = ("train", "validation", "test")
ARRAYS = tuple(f"{split}_{part}.npy" for split in _SPLITS for part in ("inputs", "targets"))
WORD_ARRAYS = (*ARRAYS, *(f"{split}_offsets.npy" for split in _SPLITS))
REPORT_FILES = ("report.pdf", "report.html", "manifest.json", "metrics.csv")
SMALL_RUN_FILES = ("metrics.json", "history.csv", "probes.csv", "provenance.json")
"""What a report reads of a run: neither its weights nor its predictions."""


def owner_and_name(identifier: str) -> tuple[str, str]:
    """Return writeup and name of an id, ``writeup/name``."""
    writeup, _, name = identifier.partition("/")
    return writeup, name


@dataclass(frozen=True)
class Plan:
    """The files of one edition. Runs and artefacts are named by their ids, ``writeup/name``.

    Args:
        catalog: what the configuration declares.
        edition: ``full`` or ``sample``.
        results: folder of the edition's results.
    """

    catalog: Catalog
    edition: Edition
    results: Path

    def run(self, run: str, seed: int) -> RunSettings:
        """Return the settings of a run with one seed."""
        return self.catalog.run(self.edition, *owner_and_name(run), seed)

    def evaluated(self, run: str, seed: int) -> RunSettings:
        """Return what an evaluation reads of a run: not which settings the report marks as assumed."""
        return replace(self.run(run, seed), assumed=())

    def trained(self, run: str, seed: int) -> RunSettings:
        """Return what a training reads of a run: not what its evaluation keeps either."""
        return replace(self.evaluated(run, seed), capture=CaptureSettings())

    def dataset(self, dataset: str) -> DatasetSettings:
        """Return what reading a data set takes: not where its files come from, nor how to cite them."""
        settings = self.catalog.dataset(self.edition, dataset)
        assets = tuple(replace(asset, urls=(), licence="", citation="") for asset in settings.assets)
        return replace(settings, assets=assets)

    def artefact(self, artefact: str) -> ArtefactSettings:
        """Return the settings of an artefact."""
        return self.catalog.artefact(self.edition, artefact)

    def runs(self, writeup: str | None = None) -> list[tuple[str, int]]:
        """Return id and seed of every run, or of every run of one writeup."""
        return [(f"{owner}/{run}", seed) for owner, run, seed in self.catalog.run_ids(self.edition, writeup)]

    def built_artefacts(self, writeup: str | None = None) -> list[str]:
        """Return the ids of the artefacts that have a function."""
        return [name for name in self.catalog.artefact_ids(writeup) if self.artefact(name).not_run is None]

    def datasets(self, writeup: str) -> list[str]:
        """Return the names of the data sets that a writeup's runs and artefacts read."""
        names = {self.run(run, seed).data.dataset for run, seed in self.runs(writeup)}
        for name in self.built_artefacts(writeup):
            settings = self.artefact(name)
            names |= {*settings.datasets, *(run.dataset for run in settings.runs)}
        return sorted(names)

    def raw_files(self, dataset: str) -> list[Path]:
        """Return the raw files of a data set: downloaded ones, or the folder of the generated ones."""
        if self.edition == "sample":
            return [paths.raw_dir(self.results, dataset)]
        return [self.catalog.config.data_dir / asset.file for asset in self.catalog.dataset("full", dataset).assets]

    def dataset_files(self, dataset: str) -> list[Path]:
        """Return the description of a data set and its arrays."""
        folder = paths.dataset_dir(self.results, dataset)
        arrays = WORD_ARRAYS if self.catalog.has_words(dataset) else ARRAYS
        return [folder / name for name in ("dataset.json", *arrays)]

    def run_files(self, run: str, seed: int, names: tuple[str, ...] = paths.RUN_FILES) -> list[Path]:
        """Return files of one run with one seed: all of them, or those of the given names."""
        folder = paths.run_dir(self.results, *owner_and_name(run), seed)
        return [folder / name for name in names]

    def artefact_files(self, artefact: str) -> list[Path]:
        """Return the files of an artefact, its description first."""
        suffixes = ("json", "csv", "svg") if self.artefact(artefact).kind == "figure" else ("json", "csv")
        return [paths.artefact_file(self.results, artefact, suffix) for suffix in suffixes]

    def artefact_inputs(self, artefact: str) -> list[Path]:
        """Return every result that an artefact may read: its runs, models and data sets."""
        settings = self.artefact(artefact)
        files = [paths.dataset_dir(self.results, run.dataset) / "dataset.json" for run in settings.runs]
        for run in settings.runs:
            for seed in run.seeds:
                files += self.run_files(f"{settings.writeup}/{run.run}", seed)
        files += [paths.model_description(self.results, settings.writeup, model) for model in settings.models]
        for dataset in settings.datasets:
            files += self.dataset_files(dataset)
        return list(dict.fromkeys(files))

    def report_inputs(self, writeup: str | None = None) -> list[Path]:
        """Return the small results that a report shows, of all writeups or of one."""
        files = [self.artefact_files(name)[0] for name in self.built_artefacts(writeup)]
        for run, seed in self.runs(writeup):
            files += self.run_files(run, seed, SMALL_RUN_FILES)
        return files

    def report_files(self) -> list[Path]:
        """Return the files of the report."""
        return [paths.report_dir(self.results) / name for name in REPORT_FILES]

    def digest(self) -> str:
        """Return a hash of everything that the report takes from the configuration."""
        catalog = self.catalog
        return sha256_text(
            canonical_json(
                plain(
                    {
                        "report": catalog.config.report,
                        "writeups": catalog.writeups,
                        "artefacts": tuple(self.artefact(name) for name in catalog.artefact_ids()),
                        "runs": tuple(self.run(*run) for run in self.runs()),
                        "datasets": tuple(catalog.dataset(self.edition, name) for name in catalog.dataset_names()),
                    }
                )
            )
        )

    def all_files(self) -> set[Path]:
        """Return every result that some rule makes in this edition, logs and checkpoints aside."""
        datasets, models = self.catalog.dataset_names(), self.catalog.model_ids()
        found = {file for name in datasets for file in self.dataset_files(name)}
        found |= {paths.model_description(self.results, *model) for model in models}
        found |= {file for run in self.runs() for file in self.run_files(*run)}
        found |= {file for name in self.built_artefacts() for file in self.artefact_files(name)}
        return found | set(self.report_files())
