"""The files that the catalogue asks for: what every result consists of and what it is made from.

The rules take their inputs and outputs from here, ``verify`` checks the results folder against it, and ``publish``
looks up what to copy.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from rework import paths
from rework.catalogue.catalogue import Catalogue
from rework.catalogue.config import Edition
from rework.datasets.layouts import LAYOUTS, Layout
from rework.errors import ConfigError
from rework.files import canonical_json, sha256_text
from rework.messages import unknown_name
from rework.settings.artefact import ArtefactSettings
from rework.settings.data import DatasetSettings
from rework.settings.plain import plain
from rework.settings.run import CaptureSettings, RunSettings

PAGE_FILES = ("report.html", "manifest.json", "metrics.csv")
REPORT_FILES = ("report.pdf", *PAGE_FILES)
SMALL_RUN_FILES = ("metrics.json", "history.csv", "probes.csv", "provenance.json")
"""What a report reads of a run: neither its weights nor its predictions."""


def owner_and_name(identifier: str) -> tuple[str, str]:
    """Return the two parts of an id.

    >>> owner_and_name("ocr/depth-table")
    ('ocr', 'depth-table')
    """
    writeup, _, name = identifier.partition("/")
    return writeup, name


def settings_edition(name: str) -> Edition:
    """Return the edition whose settings a folder of results has: the reference is a part of the full edition."""
    return "sample" if name == "sample" else "full"


@dataclass(frozen=True)
class Plan:
    """The files of one edition. Runs and artefacts are named by their ids, ``writeup/name``.

    Args:
        catalogue: the configuration.
        edition: ``full`` or ``sample``.
        results: folder of the edition's results.
    """

    catalogue: Catalogue
    edition: Edition
    results: Path
    _runs: dict[tuple[str, int], RunSettings] = field(default_factory=dict, init=False, repr=False, compare=False)

    def run(self, run: str, seed: int) -> RunSettings:
        """Return the settings of a run with one seed; cached, because every rule asks for them several times."""
        if (run, seed) not in self._runs:
            self._runs[run, seed] = self.catalogue.run(self.edition, *owner_and_name(run), seed)
        return self._runs[run, seed]

    def trained(self, run: str, seed: int) -> RunSettings:
        """Return the settings that a training reads: those of ``run`` without what an evaluation keeps."""
        return replace(self.run(run, seed), capture=CaptureSettings())

    def dataset(self, dataset: str) -> DatasetSettings:
        """Return the settings that reading a data set takes: not where its files come from or how to cite them."""
        settings = self.catalogue.dataset(self.edition, dataset)
        assets = tuple(replace(asset, urls=(), licence="", citation="") for asset in settings.assets)
        return replace(settings, assets=assets)

    def artefact(self, artefact: str) -> ArtefactSettings:
        """Return the settings of an artefact as the report reads them."""
        return self.catalogue.artefact(self.edition, artefact)

    def made(self, artefact: str) -> ArtefactSettings:
        """Return the settings that making an artefact takes: not what was published or claimed."""
        settings = replace(self.artefact(artefact), published=(), claims=(), invented="", beyond=False)
        return replace(settings, label="", what="", protocol="", published_text="")

    def runs(self, writeup: str | None = None) -> list[tuple[str, int]]:
        """Return the id and seed of every run, of all writeups or of one."""
        return [(f"{owner}/{run}", seed) for owner, run, seed in self.catalogue.run_ids(self.edition, writeup)]

    def built_artefacts(self, writeup: str | None = None) -> list[str]:
        """Return the ids of the artefacts that have a function."""
        return [name for name in self.catalogue.artefact_ids(writeup) if self.artefact(name).not_run is None]

    def datasets(self, writeup: str) -> list[str]:
        """Return the names of the data sets that a writeup's runs and artefacts read."""
        names = {self.run(run, seed).data.dataset for run, seed in self.runs(writeup)}
        for name in self.built_artefacts(writeup):
            settings = self.artefact(name)
            names |= {*settings.datasets, *(run.dataset for run in settings.runs)}
        return sorted(names)

    def raw_files(self, dataset: str) -> list[Path]:
        """Return the raw files of a data set: the downloaded files, or the folder of the generated ones, or none."""
        if self.layout(dataset).drawn:
            return []
        if self.edition == "sample":
            return [paths.raw_dir(self.results, dataset)]
        return [self.catalogue.config.data_dir / asset.file for asset in self.catalogue.dataset("full", dataset).assets]

    def dataset_files(self, dataset: str) -> list[Path]:
        """Return the files of a data set, its description first."""
        folder = paths.dataset_dir(self.results, dataset)
        return [folder / name for name in self.layout(dataset).file_names]

    def layout(self, dataset: str) -> Layout:
        """Return the layout of a data set."""
        return LAYOUTS[self.catalogue.datasets[dataset].layout]

    def run_files(self, run: str, seed: int, names: tuple[str, ...] = paths.RUN_FILES) -> list[Path]:
        """Return the files of one run with one seed, or those with the given names."""
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
        for run in settings.runs:
            if run.initial is not None:
                files.append(self.initial_files(run.initial)[1])
        for asset in settings.weights:
            files += self.initial_files(asset)
        for run_id, seed, pages in self._readings([settings]):
            files.append(paths.reading_file(self.results, pages, run_id, seed))
        return list(dict.fromkeys(files))

    def initial_files(self, asset: str) -> list[Path]:
        """Return the weights that trainings start with, and their description."""
        weights = paths.initial_weights_file(self.results, asset)
        return [weights, weights.with_suffix(".json")]

    def initial_settings(self, asset: str) -> DatasetSettings:
        """Return the settings that converting weights takes, in the form of a data set with one asset.

        Raises:
            ConfigError: no training starts with these weights, and no artefact reads them.
        """
        if asset not in self.catalogue.initial_assets():
            raise ConfigError(unknown_name("asset of weights", asset, self.catalogue.initial_assets()))
        sample = self.edition == "sample"
        assets = () if sample else (replace(self.catalogue.assets[asset], urls=(), licence="", citation=""),)
        seed = self.catalogue.sample_config.global_seed if sample else self.catalogue.config.global_seed
        return DatasetSettings(asset, sample, assets, global_seed=seed)

    def initial_source(self, asset: str) -> list[Path]:
        """Return the raw file of such weights; none in the sample edition, which generates them."""
        return [] if self.edition == "sample" else [self.catalogue.config.data_dir / self.catalogue.assets[asset].file]

    def train_inputs(self, run: str, seed: int) -> list[Path]:
        """Return the files that a training reads: its data set, and the weights that it starts with."""
        settings = self.run(run, seed)
        weights = [] if settings.initial is None else self.initial_files(settings.initial.asset)[:1]
        return [*self.dataset_files(settings.data.dataset), *weights]

    def readings(self) -> list[tuple[str, int, str]]:
        """Return the run, seed and data set of every reading that the artefacts show."""
        return sorted(self._readings(map(self.artefact, self.built_artefacts())))

    def _readings(self, artefacts: Iterable[ArtefactSettings]) -> set[tuple[str, int, str]]:
        """Return the run, seed and data set of every reading that artefacts show."""
        return {
            (f"{artefact.writeup}/{run.run}", seed, dataset)
            for artefact in artefacts
            for dataset in artefact.datasets
            if self.layout(dataset).readable
            for run in artefact.runs
            for seed in run.seeds
        }

    def _reading_files(self, artefacts: Iterable[str]) -> list[Path]:
        """Return the files of the readings that artefacts show."""
        return [
            file(self.results, pages, run, seed)
            for run, seed, pages in sorted(self._readings(map(self.artefact, artefacts)))
            for file in (paths.reading_file, paths.reading_record)
        ]

    def report_inputs(self, writeup: str | None = None) -> list[Path]:
        """Return the small results that a report shows, of all writeups or of one."""
        files = [file for name in self.built_artefacts(writeup) for file in self.artefact_files(name)]
        for run, seed in self.runs(writeup):
            files += self.run_files(run, seed, SMALL_RUN_FILES)
        return files

    def result_files(self, writeup: str | None = None) -> list[Path]:
        """Return what a user wants to have: all that is made for the artefacts and runs, of all writeups or of one.

        A report can do without weights and predictions, but one that was deleted is to be made again. Only data sets
        and the weights that trainings start with are left out: made again, they would be newer than what was trained
        on them, and Snakemake would train it again.
        """
        built = self.built_artefacts(writeup)
        files = [file for name in built for file in self.artefact_files(name)]
        files += [file for run, seed in self.runs(writeup) for file in self.run_files(run, seed)]
        files += [
            paths.model_description(self.results, owner, name)
            for owner, name in self.catalogue.model_ids()
            if writeup in (None, owner)
        ]
        return files + self._reading_files(built)

    def report_files(self, names: Iterable[str] = REPORT_FILES) -> list[Path]:
        """Return the files of the report, or those with some names."""
        return [paths.report_dir(self.results) / name for name in names]

    def digest(self) -> str:
        """Return a hash of everything that the report takes from the configuration."""
        catalogue = self.catalogue
        return sha256_text(
            canonical_json(
                plain(
                    {
                        "report": catalogue.config.report,
                        "writeups": catalogue.writeups,
                        "artefacts": tuple(self.artefact(name) for name in catalogue.artefact_ids()),
                        "runs": tuple(self.run(*run) for run in self.runs()),
                        "datasets": tuple(catalogue.dataset(self.edition, name) for name in catalogue.dataset_names()),
                        # With the sources of their options, which no other step reads.
                        "declared": catalogue.datasets,
                    }
                )
            )
        )

    def all_files(self) -> set[Path]:
        """Return every result that a rule makes in this edition, except logs and checkpoints."""
        datasets, models = self.catalogue.dataset_names(), self.catalogue.model_ids()
        found = {file for name in datasets for file in self.dataset_files(name)}
        found |= {paths.model_description(self.results, *model) for model in models}
        found |= {file for run in self.runs() for file in self.run_files(*run)}
        found |= {file for name in self.built_artefacts() for file in self.artefact_files(name)}
        found |= {file for asset in self.catalogue.initial_assets() for file in self.initial_files(asset)}
        return found | set(self._reading_files(self.built_artefacts())) | set(self.report_files())
