"""Which results of a writeup are published: those that are small enough to be committed."""

from pathlib import Path

from rework import paths
from rework.catalogue.plan import SMALL_RUN_FILES, Plan


def published_files(plan: Plan, writeup: str) -> list[Path]:
    """Return the results of a writeup that are published, without weights, predictions and arrays."""
    files = [file for name in plan.built_artefacts(writeup) for file in plan.artefact_files(name)]
    for run, seed in plan.runs(writeup):
        files += plan.run_files(run, seed, SMALL_RUN_FILES)
    files += [
        paths.model_description(plan.results, owner, name)
        for owner, name in plan.catalogue.model_ids()
        if owner == writeup
    ]
    return files + sorted(path for path in read_by(plan, writeup) if path.suffix == ".json")


def read_by(plan: Plan, writeup: str) -> set[Path]:
    """Return what a writeup's runs and artefacts read that other writeups may read too: data sets and first weights."""
    files = {file for asset in first_weights(plan, writeup) for file in plan.initial_files(asset)}
    return files | {file for name in plan.datasets(writeup) for file in plan.dataset_files(name)}


def first_weights(plan: Plan, writeup: str) -> set[str]:
    """Return the assets of the weights that a writeup's trainings start with, or its artefacts read."""
    initial = [plan.run(*run).initial for run in plan.runs(writeup)]
    read = {asset for name in plan.built_artefacts(writeup) for asset in plan.artefact(name).weights}
    return read | {found.asset for found in initial if found is not None}


def concerns(plan: Plan, writeup: str, path: Path) -> bool:
    """Return whether a file is a result of a writeup, or of its data and weights, or what these were made from.

    So does a folder that holds any of these, and that cannot be looked into.
    """
    folders = {paths.dataset_dir(plan.results, name) for name in plan.datasets(writeup)}
    raw = {file for name in plan.datasets(writeup) for file in plan.raw_files(name)}
    raw |= {file for asset in first_weights(plan, writeup) for file in plan.initial_source(asset)}
    own = {*published_files(plan, writeup), *read_by(plan, writeup), *raw}
    if path in own or folders.intersection(path.parents) or any(path in file.parents for file in own):
        return True
    return path.is_relative_to(plan.results) and writeup in path.relative_to(plan.results).parts
