"""The commands that mend what an audit finds, with the names that Snakemake knows."""

import shlex
from collections.abc import Iterable
from pathlib import Path

from rework import paths
from rework.auditing.units import units
from rework.catalogue.plan import Plan

NAMED = 8
"""How many files a command names; of more, ``verify --list`` makes the list."""


def damaged_files(plan: Plan, remake: Iterable[Path]) -> list[Path]:
    """Return one file of each result that is to be made again: its job makes the others too."""
    raw = {paths.raw_dir(plan.results, name): name for name in plan.catalogue.dataset_names()}
    unit_of = {file: number for number, unit in enumerate(units(plan, published=False)) for file in unit.files}
    chosen: dict[object, Path] = {}
    for file in remake:
        chosen.setdefault(unit_of.get(file, file), file)
    made = set(plan.all_files()) | set(raw)
    return [file for file in chosen.values() if file in made]


def command(plan: Plan, what: str, files: list[Path]) -> str:
    """Return the command that makes results of an edition again.

    Args:
        plan: the files of the edition.
        what: ``damaged`` for these files alone, ``stale`` for all that depends on them too.
        files: the files, as paths from the working directory.
    """
    edition = plan.results.name
    if len(files) <= NAMED:
        names = shlex.join(map(str, files))
    else:
        names = f"$(python -m rework verify --edition {edition} --list {what})"
    if what == "damaged":
        return f"snakemake --cores 8 --force {names}"
    target = "sample" if edition == "sample" else "all --config edition=full"
    return f"snakemake --cores 8 {target} --forcerun {names}"
