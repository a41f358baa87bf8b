"""Recompute the hashes of data and results, and name files that are missing, changed or not made by any rule.

Results that today's code, packages, configuration or data would make anew are named too, but are no problem.
"""

import argparse
import tempfile
from pathlib import Path

from rework.auditing.advice import command, damaged_files
from rework.auditing.audit import Audit
from rework.auditing.edition import audit_edition
from rework.auditing.installed import differences_from_lock
from rework.auditing.retraining import chosen_runs, retrain
from rework.auditing.staleness import NOT_COMPARED, Stale, grouped, stale_results
from rework.catalogue.config import EDITIONS
from rework.catalogue.plan import Plan, settings_edition
from rework.errors import DataError
from rework.steps.arguments import (
    REPOSITORY,
    add_overrides_argument,
    given_overrides,
    load_catalogue,
    load_reference_catalogue,
)

REFERENCE = "reference"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument(
        "--results", type=Path, default=Path("results"), help="folder of the editions (default: results)"
    )
    parser.add_argument("--edition", choices=(*EDITIONS, REFERENCE), help="the only one to verify (default: all)")
    parser.add_argument(
        "--list",
        choices=("damaged", "stale"),
        help="print only the files to make again, as 'snakemake --force' and '--forcerun' take them",
    )
    parser.add_argument(
        "--retrain",
        type=int,
        default=0,
        metavar="N",
        help="also train N of the runs of each edition again, and compare the bytes",
    )
    parser.add_argument("--choice", default="verify", metavar="NAME", help="name that chooses them (default: verify)")
    add_overrides_argument(parser)


def main(arguments: argparse.Namespace) -> None:
    """Run the step."""
    overrides = given_overrides(arguments)
    if arguments.retrain < 0:
        raise DataError(f"--retrain: found {arguments.retrain}, expected a whole number from 0 on")
    if arguments.list is not None and (arguments.retrain or arguments.edition == REFERENCE):
        other = "--retrain" if arguments.retrain else "the reference, which snakemake does not make"
        raise DataError(f"--list prints files for snakemake and does not go with {other}; leave one out")
    editions = (*EDITIONS, REFERENCE) if arguments.edition is None else (arguments.edition,)
    if arguments.list is not None:
        editions = tuple(edition for edition in editions if edition != REFERENCE)
    found = [edition for edition in editions if (arguments.results / edition).is_dir()]
    if not found:
        raise DataError(
            f"{arguments.results}: no results of {arguments.edition or 'any edition'}; run this in the repository, or "
            "name their folder with --results"
        )
    if arguments.list is None:
        _tell_of_packages()
    wrong = 0
    for edition in found:
        published = edition == REFERENCE
        catalogue = (load_reference_catalogue if published else load_catalogue)(overrides)
        plan = Plan(catalogue, settings_edition(edition), arguments.results / edition)
        data_dir = None if published else catalogue.config.data_dir
        audit = audit_edition(plan, data_dir, published=published, overrides=overrides)
        stale = stale_results(plan, audit)
        if arguments.list is not None:
            _list(plan, audit, stale, arguments.list)
            continue
        wrong += len(audit.findings)
        _tell(plan, audit, stale)
        wrong += _retrain(plan, arguments.retrain, arguments.choice, arguments.results)
    if wrong:
        raise DataError(f"{wrong} problems in {arguments.results}, listed above, each with what mends it")


def _retrain(plan: Plan, count: int, name: str, results: Path) -> int:
    """Train some runs again, print a line for each, and return how many differ from their records."""
    if not count:
        return 0
    chosen, edition = chosen_runs(plan, count, name), plan.results.name
    print(f"{edition}: trains {len(chosen)} runs again, chosen by the name {name!r}", flush=True)
    wrong = 0
    for run, seed in chosen:
        with tempfile.TemporaryDirectory(prefix="rework-") as folder:
            # The arrays that published results were made from may be in the full edition.
            done = retrain(plan, run, seed, (plan.results, results / "full"), Path(folder))
        print(f"{edition}: {run} seed {seed}: {done.said}", flush=True)
        wrong += done.wrong
    return wrong


def _tell_of_packages() -> None:
    """Name installed packages that are not those of the lock; results may be right for all that."""
    differing = differences_from_lock(REPOSITORY / "requirements.txt")
    if differing:
        print(f"packages other than those of requirements.txt: {', '.join(differing)}; 'make setup' installs them")


def _list(plan: Plan, audit: Audit, stale: list[Stale], what: str) -> None:
    for file in damaged_files(plan, audit.remake) if what == "damaged" else [result.record for result in stale]:
        print(audit.commands.target(file) or file)


def _one_line(text: str) -> str:
    """Return a text that may hold names of files, which may hold anything, in a line of a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _tell(plan: Plan, audit: Audit, stale: list[Stale]) -> None:
    """Print what was found in an edition, and the commands that mend it."""
    edition, commands = plan.results.name, audit.commands
    for path, problem in audit.findings.items():
        print(f"{_one_line(str(path))} {problem}", flush=True)
    for remark in audit.remarks:
        print(f"{edition}: {_one_line(remark)}", flush=True)
    for (kind, reason), names in grouped(stale).items():
        print(f"{edition}: {kind} made with {reason}, {len(names)}: {', '.join(names)}", flush=True)
    damaged = damaged_files(plan, audit.remake)
    if edition != REFERENCE:
        print(f"{edition}: {NOT_COMPARED}", flush=True)
        if damaged:
            made = command(commands, edition, "damaged", damaged)
            print(f"{edition}: what is damaged or missing is made by: {made}", flush=True)
        if stale:
            made = command(commands, edition, "stale", [result.record for result in stale])
            print(f"{edition}: what is not of today is made anew by: {made}", flush=True)
    print(f"{edition}: {len(audit.hashes)} files hashed, {len(audit.findings)} problems", flush=True)
