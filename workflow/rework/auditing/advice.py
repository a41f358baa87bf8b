"""What Snakemake is to make again to mend what an audit finds, and the command for it."""

from collections.abc import Iterable
from pathlib import Path

from rework import paths
from rework.auditing.commands import Commands
from rework.auditing.units import units
from rework.catalogue.plan import Plan

NAMED = 8
"""How many files a command names; of more, ``verify --list`` makes the list."""


def damaged_files(plan: Plan, remake: Iterable[Path]) -> list[Path]:
    """Return one file of each result that is to be made again: its job makes the others too."""
    raw = {paths.raw_dir(plan.results, name) for name in plan.catalogue.dataset_names()}
    unit_of = {file: number for number, unit in enumerate(units(plan, published=False)) for file in unit.files}
    chosen: dict[object, Path] = {}
    for path in remake:
        # The job that generates raw files makes their folder.
        file = next((folder for folder in raw if folder in path.parents), path)
        chosen.setdefault(unit_of.get(file, file), file)
    made = plan.all_files() | raw
    return [file for file in chosen.values() if file in made]


def command(commands: Commands, edition: str, what: str, files: list[Path]) -> str:
    """Return the command that makes results of an edition again.

    Args:
        commands: about the results that the edition is one of.
        edition: its name.
        what: ``damaged`` for these files alone, ``stale`` for all that depends on them too.
        files: the files, as paths from the working directory.
    """
    few = len(files) <= NAMED
    listed = "" if few else f" $({commands.verify(edition, '--list', what)})"
    if what == "damaged":
        return commands.snakemake(f"--cores 8 --force{listed}", *(files if few else ()))
    names = listed or "".join(f" {commands.word(file)}" for file in files)
    target, config = ("sample", {}) if edition == "sample" else ("all", {"edition": "full"})
    return commands.snakemake(f"--cores 8 {target}", named=f"--forcerun{names}", **config)
