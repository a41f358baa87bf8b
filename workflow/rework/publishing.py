"""Copying the small results of one writeup's finished full edition into ``results/reference``, which is committed."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from rework.catalogue.plan import Plan
from rework.catalogue.publishable import published_files, read_by
from rework.earlier import earlier_description
from rework.errors import DataError
from rework.files import atomic_path, sha256_file
from rework.publication import NOT_PUBLISHED, Publication, read_publication, write_publication
from rework.recorded import remedy

SHOWN = 5
"""How many missing files an error names."""


@dataclass(frozen=True)
class Published:
    """The outcome of a publication: the files written and the stale ones removed, relative to the target."""

    written: tuple[Path, ...]
    removed: tuple[Path, ...]


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


def present(plan: Plan, writeup: str) -> Publication:
    """Return what would be recorded as published of a writeup as it is now, when a result was put there otherwise.

    Args:
        plan: the files of the published results.
        writeup: the writeup.

    Raises:
        DataError: a file that was published before is missing, or nothing is there.
    """
    before = read_publication(plan.results, writeup) or Publication({}, {})
    asked = {file.relative_to(plan.results).as_posix(): file for file in published_files(plan, writeup)}
    lost = [name for name, file in asked.items() if name in before.files and not file.is_file()]
    if lost:
        raise DataError(
            f"{plan.results / lost[0]}: no such file, but it is published; {remedy(plan.results / lost[0])}"
        )
    files = {name: sha256_file(file) for name, file in asked.items() if file.is_file()}
    if all(plan.results / name in read_by(plan, writeup) for name in files):
        raise DataError(
            f"{writeup}: nothing to record, {plan.results} holds no result of it; 'snakemake --cores 8 publish "
            f"--config writeup={writeup}' publishes it"
        )
    absent = [name for name in plan.built_artefacts(writeup) if not plan.artefact_files(name)[0].is_file()]
    reasons = {name: before.left_out.get(name, NOT_PUBLISHED) for name in absent} | left_out(plan, writeup)
    return Publication(files, reasons)


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
