"""Copying the small results of one writeup's finished full edition into ``results/reference``, which is committed."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from rework import paths
from rework.catalogue.plan import SMALL_RUN_FILES, Plan
from rework.earlier import earlier_description
from rework.errors import DataError
from rework.files import atomic_path, sha256_file
from rework.publication import Publication, write_publication

SHOWN = 5
"""How many missing files an error names."""


@dataclass(frozen=True)
class Published:
    """The outcome of a publication: the files written and the stale ones removed, relative to the target."""

    written: tuple[Path, ...]
    removed: tuple[Path, ...]


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
    files = {file for asset in _weights(plan, writeup) for file in plan.initial_files(asset)}
    return files | {file for name in plan.datasets(writeup) for file in plan.dataset_files(name)}


def _weights(plan: Plan, writeup: str) -> set[str]:
    """Return the assets of the weights that a writeup's trainings start with, or its artefacts read."""
    initial = [plan.run(*run).initial for run in plan.runs(writeup)]
    read = {asset for name in plan.built_artefacts(writeup) for asset in plan.artefact(name).weights}
    return read | {found.asset for found in initial if found is not None}


def concerns(plan: Plan, writeup: str, path: Path) -> bool:
    """Return whether a file is a result of a writeup, or of its data and weights, or what these were made from."""
    folders = {paths.dataset_dir(plan.results, name) for name in plan.datasets(writeup)}
    raw = {file for name in plan.datasets(writeup) for file in plan.raw_files(name)}
    raw |= {file for asset in _weights(plan, writeup) for file in plan.initial_source(asset)}
    if path in read_by(plan, writeup) | raw or folders.intersection(path.parents):
        return True
    return path.is_relative_to(plan.results) and writeup in path.relative_to(plan.results).parts


def publish(plan: Plan, writeup: str, target: Path) -> Published:
    """Copy one writeup's results, remove its stale ones, and leave other writeups alone.

    Raises:
        DataError: the writeup has no results to publish, or some are missing; nothing is copied then.
    """
    files = published_files(plan, writeup)
    if not files:
        raise DataError(f"{writeup}: nothing to publish, its configuration declares no run and no artefact to build")
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise DataError(
            f"{writeup} is not finished, so nothing was published: {', '.join(missing[:SHOWN])}{more} missing; "
            f"'snakemake --cores 8 {writeup}' makes them"
        )
    written = tuple(file.relative_to(plan.results) for file in files)
    shared = {file.relative_to(plan.results) for file in read_by(plan, writeup)}
    for name in written:
        if name in shared:
            _keep_earlier(plan.results / name, target / name)
        with atomic_path(target / name) as partial:
            shutil.copyfile(plan.results / name, partial)
    hashes = {name.as_posix(): sha256_file(target / name) for name in written}
    write_publication(target, writeup, Publication(hashes, left_out(plan, writeup)))
    return Published(written, tuple(_remove_stale(target, writeup, {target / name for name in written})))


def left_out(plan: Plan, writeup: str) -> dict[str, str]:
    """Return why artefacts of a writeup are not published, by id."""
    reasons = {name: plan.artefact(name).not_run for name in plan.catalogue.artefact_ids(writeup)}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def _keep_earlier(new: Path, published: Path) -> None:
    """Keep the published version of a description that other writeups' records may name."""
    if not published.is_file():
        return
    digest = sha256_file(published)
    if digest != sha256_file(new):
        with atomic_path(earlier_description(published, digest)) as partial:
            shutil.copyfile(published, partial)


def _remove_stale(target: Path, writeup: str, kept: set[Path]) -> list[Path]:
    """Remove files of the writeup that were not just published, and folders that become empty."""
    removed = []
    for folder in (target / kind / writeup for kind in ("runs", "artefacts", "models")):
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
            elif path.is_file() and path not in kept:
                path.unlink()
                removed.append(path.relative_to(target))
    return sorted(removed)
