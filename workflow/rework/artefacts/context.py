"""What an artefact's function may read: the results of its runs, models and data sets, with every read recorded."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.numpy import load_file

from rework import paths
from rework.artefacts.quantities import Metric, Quantity
from rework.datasets.layouts import CROPS_FILE, PICTURES_FILE, TABLE_FILE
from rework.datasets.store import StoredDataset, open_dataset, verify_split
from rework.errors import DataError
from rework.evaluation.statistics import Estimate, estimate
from rework.evaluation.units import DIFFERENCE, SHARE
from rework.recorded import read_record, verified_sha256
from rework.seeds import derive_seed
from rework.settings.artefact import ArtefactSettings, RunReference


@dataclass(frozen=True)
class FoundPages:
    """Pages as the step ``pages`` describes them, and their pictures (RGB bytes) by name."""

    descriptions: list[dict[str, Any]]
    pictures: dict[str, NDArray[np.uint8]]


@dataclass(frozen=True)
class ArtefactContext:
    """The settings of one artefact and the results that it reads.

    Attributes:
        settings: the artefact's entry in the catalogue.
        results: results folder of the edition.
        inputs: SHA-256 of each file read so far, by path relative to ``results``.
    """

    settings: ArtefactSettings
    results: Path
    inputs: dict[str, str] = field(default_factory=dict)

    def run(self, name: str) -> RunReference:
        """Return the reference to a run of this artefact."""
        return next(run for run in self.settings.runs if run.run == name)

    def random_numbers(self) -> np.random.Generator:
        """Return this artefact's random number generator, which depends on its name and the global seed."""
        return np.random.default_rng(derive_seed(self.settings.global_seed, self.settings.id, "draws"))

    def metrics(self, run: str, seed: int) -> dict[str, Any]:
        """Return the contents of a run's ``metrics.json``."""
        return read_record(self._read(self._run_dir(run, seed) / "metrics.json"))

    def has(self, run: str, metric: str) -> bool:
        """Return whether a metric was measured for a run."""
        return metric in self.metrics(run, self.run(run).seeds[0])["metrics"]

    def count(self, run: str, metric: str) -> int:
        """Return the number of examples over which a run's metric is averaged."""
        return int(self.metrics(run, self.run(run).seeds[0])["metrics"][metric]["n"])

    def estimate(self, run: str, metric: str) -> Estimate:
        """Return a metric of a run over its seeds, with its interval."""
        records = [self.metrics(run, seed) for seed in self.run(run).seeds]
        found = [record["metrics"] for record in records]
        for metrics in found:
            if metric not in metrics:
                raise DataError(f"{self.settings.id}: run {run} has no metric {metric!r}, only {', '.join(metrics)}")
        return estimate([metrics[metric]["value"] for metrics in found], self.units(run)[metric] == SHARE)

    def units(self, run: str) -> dict[str, str]:
        """Return the unit of each metric of a run; older code, whose results are published, recorded none."""
        record = self.metrics(run, self.run(run).seeds[0])
        recorded: dict[str, str] | None = record.get("units")
        return {name: _unit(Metric.of(name).quantity) for name in record["metrics"]} if recorded is None else recorded

    def provenance(self, run: str, seed: int) -> dict[str, Any]:
        """Return the contents of a run's ``provenance.json``."""
        return read_record(self._read(self._run_dir(run, seed) / "provenance.json"))

    def history(self, run: str, seed: int) -> pd.DataFrame:
        """Return a run's ``history.csv``; what was not measured is NaN."""
        return self._table(self._run_dir(run, seed) / "history.csv")

    def histories(self, *runs: RunReference) -> pd.DataFrame:
        """Return the histories of runs, all seeds stacked, with columns for the ``run``'s label and the ``seed``."""
        found = [self.history(run.run, seed).assign(run=run.label, seed=seed) for run in runs for seed in run.seeds]
        return pd.concat(found, ignore_index=True)

    def over_epochs(self, run: RunReference, column: str) -> NDArray[np.float64]:
        """Return a column of a run's histories (float, seeds x epochs)."""
        return np.stack([self.history(run.run, seed)[column].to_numpy(np.float64) for seed in run.seeds])

    def probes(self, run: str, seed: int) -> pd.DataFrame:
        """Return a run's ``probes.csv``, which has no rows for a run without probes."""
        return self._table(self._run_dir(run, seed) / "probes.csv")

    def predictions(self, run: str, seed: int) -> dict[str, NDArray[Any]]:
        """Return the arrays of a run's ``predictions.npz``."""
        with np.load(self._read(self._run_dir(run, seed) / "predictions.npz"), allow_pickle=False) as archive:
            return dict(archive)

    def weights(self, run: str, seed: int) -> dict[str, NDArray[Any]]:
        """Return the trained tensors of a run by name."""
        tensors: dict[str, NDArray[Any]] = load_file(self._read(self._run_dir(run, seed) / "weights.safetensors"))
        return tensors

    def model(self, name: str) -> dict[str, Any]:
        """Return the description of a model: its layers, shapes and tensors."""
        path = paths.model_description(self.results, self.settings.writeup, name)
        return read_record(self._read(path))

    def dataset(self, name: str) -> StoredDataset:
        """Return a preprocessed data set."""
        directory = paths.dataset_dir(self.results, name)
        self._read(directory / "dataset.json")
        dataset = open_dataset(directory)
        for split in dataset.splits:
            verify_split(dataset, split)
        return dataset

    def dataset_info(self, name: str) -> dict[str, Any]:
        """Return the contents of a data set's ``dataset.json``."""
        return read_record(self._read(paths.dataset_dir(self.results, name) / "dataset.json"))

    def given_weights(self, asset: str) -> dict[str, NDArray[Any]]:
        """Return weights from elsewhere, one of this artefact's ``weights``, by the names of their tensors."""
        tensors: dict[str, NDArray[Any]] = load_file(self._read(paths.initial_weights_file(self.results, asset)))
        return tensors

    def table(self, name: str) -> pd.DataFrame:
        """Return a data set that is a table of numbers, with a column of floats for each of its columns."""
        path = self._read(paths.dataset_dir(self.results, name) / TABLE_FILE)
        # From text, since not every version of pandas parses numbers to the last bit by itself.
        return pd.read_csv(path, dtype=str).astype(np.float64)

    def weights_info(self, asset: str) -> dict[str, Any]:
        """Return the description of weights from elsewhere: those that a run starts with, or this artefact reads."""
        path = paths.initial_weights_file(self.results, asset).with_suffix(".json")
        return read_record(self._read(path))

    def pages(self, name: str) -> FoundPages:
        """Return the pages of a text data set, with the letters found on them."""
        return FoundPages(self.dataset_info(name)["pages"], self.pictures(name))

    def crops(self, name: str) -> NDArray[np.uint8]:
        """Return the letters cut out of a text data set in reading order, bytes (N, 1, 32, 32), dark on white."""
        crops: NDArray[np.uint8] = np.load(
            self._read(paths.dataset_dir(self.results, name) / CROPS_FILE), allow_pickle=False
        )
        return crops

    def pictures(self, name: str) -> dict[str, NDArray[np.uint8]]:
        """Return the pictures of a data set that has them whole, RGB bytes H x W x 3, by name."""
        path = paths.dataset_dir(self.results, name) / PICTURES_FILE
        with np.load(self._read(path), allow_pickle=False) as archive:
            return dict(archive)

    def reading(self, pages: str, run: str, seed: int) -> NDArray[np.float32]:
        """Return the log-probabilities that a run assigns to the letters of all pages, shape (N, classes)."""
        path = paths.reading_file(self.results, pages, f"{self.settings.writeup}/{run}", seed)
        with np.load(self._read(path), allow_pickle=False) as archive:
            found: NDArray[np.float32] = archive["log_probabilities"]
        return found

    def _table(self, path: Path) -> pd.DataFrame:
        return pd.read_csv(self._read(path))

    def _run_dir(self, run: str, seed: int) -> Path:
        return paths.run_dir(self.results, self.settings.writeup, run, seed)

    def _read(self, path: Path) -> Path:
        if not path.is_file():
            raise DataError(f"{path}: no such file; {self.settings.id} is made from it")
        self.inputs[path.relative_to(self.results).as_posix()] = verified_sha256(path)
        return path


def _unit(quantity: Quantity) -> str:
    """Return the unit that tasks and engines declare of a quantity."""
    if quantity.percent:
        return SHARE if quantity.proportion else DIFFERENCE
    return quantity.unit
