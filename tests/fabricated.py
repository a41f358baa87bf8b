"""Made-up results of a writeup, small but complete enough for all its artefacts, and the artefacts made from them."""

from dataclasses import dataclass, replace
from pathlib import Path

import fabricated_characters
import fabricated_garments
import fabricated_letters
import fabricated_notes
import fabricated_pictures
import numpy as np
from artefact_checks import records_of, reported
from fabricated_parts import record_outputs
from rework import paths
from rework.catalogue.catalogue import load_catalogue
from rework.datasets.store import open_dataset
from workflow_copy import REPOSITORY

CATALOGUE = load_catalogue(REPOSITORY, {"without": []})
# Each has a SEED, the EPOCHS of its runs, ``prepare`` for what runs read, and ``write_run``.
MODULES = {
    "course-notes": fabricated_notes,
    "fashion-captions": fabricated_garments,
    "mnist-cifar": fabricated_pictures,
    "nist36": fabricated_characters,
    "ocr": fabricated_letters,
}


def artefacts_to_make():
    """Return the settings of every artefact that has a function."""
    found = [CATALOGUE.artefact("full", name) for name in CATALOGUE.artefact_ids()]
    return [settings for settings in found if settings.not_run is None]


def sample_options(artefact):
    """Return the options of an artefact in the sample edition, with which it is made in a few seconds."""
    return CATALOGUE.artefact("sample", artefact).options


def fabricate(results, writeup, edition="full"):
    """Write all data sets, models, weights and runs of a writeup below ``results``."""
    module = MODULES[writeup]
    generator = np.random.default_rng(module.SEED)
    module.prepare(results, CATALOGUE, edition == "sample", generator)
    for owner, run, seed in CATALOGUE.run_ids(edition, writeup):
        settings = CATALOGUE.run(edition, owner, run, seed)
        folder = paths.run_dir(results, owner, run, seed)
        folder.mkdir(parents=True)
        dataset = open_dataset(paths.dataset_dir(results, settings.data.dataset))
        module.write_run(folder, settings, dataset, generator)
        record_outputs(folder)


@dataclass(frozen=True)
class Artefacts:
    """The artefacts of a writeup in a results folder; they are named without their writeup."""

    writeup: str
    results: Path
    edition: str = "full"

    @classmethod
    def made_up(cls, writeup, results, edition="full"):
        """Make up the results of a writeup first."""
        fabricate(results, writeup, edition)
        return cls(writeup, results, edition)

    def settings(self, name, **options):
        """Return the settings of an artefact, with some options changed and the length of the made-up trainings."""
        found = CATALOGUE.artefact(self.edition, f"{self.writeup}/{name}")
        epochs = MODULES[self.writeup].EPOCHS
        runs = tuple(replace(run, epochs=epochs) for run in found.runs)
        return replace(found, runs=runs, options={**found.options, **options})

    def make(self, name, **options):
        """Make an artefact and return its description as the report shows it."""
        return self.build(self.settings(name, **options))

    def build(self, settings):
        """Make an artefact with these settings and return its description as the report shows it."""
        return reported(settings, self.results)

    def rows(self, name):
        """Return the rows of an artefact's CSV, once it is made, as dictionaries."""
        return records_of(self.results, f"{self.writeup}/{name}")

    def run_dir(self, run, seed=0):
        """Return the folder of a run."""
        return paths.run_dir(self.results, self.writeup, run, seed)

    def predictions(self, run, seed=0):
        """Return a run's predictions for the test split."""
        with np.load(self.run_dir(run, seed) / "predictions.npz") as archive:
            return dict(archive)
