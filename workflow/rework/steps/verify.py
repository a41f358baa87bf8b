"""Recompute the hashes of data and results, and name files that are missing, changed or not made by any rule.

Results that today's code, packages or configuration would make anew are named too, but are no problem.
"""

import argparse
from pathlib import Path

from rework.auditing import audit_edition
from rework.catalogue.catalogue import EDITIONS
from rework.catalogue.plan import Plan, settings_edition
from rework.errors import DataError
from rework.staleness import stale_results
from rework.steps.arguments import add_overrides_argument, given_overrides, load_catalogue, load_reference_catalogue


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument(
        "--results", type=Path, default=Path("results"), help="folder of the editions (default: results)"
    )
    add_overrides_argument(parser)


def main(arguments: argparse.Namespace) -> None:
    """Run the step."""
    overrides = given_overrides(arguments)
    found = [edition for edition in (*EDITIONS, "reference") if (arguments.results / edition).is_dir()]
    if not found:
        raise DataError(
            f"{arguments.results}: no results of any edition; run this in the repository, or name their "
            "folder with --results"
        )
    wrong = 0
    for edition in found:
        folder: Path = arguments.results / edition
        published = edition == "reference"
        catalogue = (load_reference_catalogue if published else load_catalogue)(overrides)
        plan = Plan(catalogue, settings_edition(edition), folder)
        audit = audit_edition(plan, None if published else catalogue.config.data_dir, published=published)
        for path, problem in audit.findings.items():
            print(f"{path} {problem}", flush=True)
        wrong += len(audit.findings)
        for (kind, reason), names in stale_results(plan).items():
            print(f"{edition}: {kind} made with {reason} than today's, {len(names)}: {', '.join(names)}", flush=True)
        print(f"{edition}: {len(audit.hashes)} files hashed, {len(audit.findings)} problems", flush=True)
    if wrong:
        raise DataError(
            f"{wrong} problems in {arguments.results}, listed above; remove a file that is not as recorded, and "
            "snakemake makes it again"
        )
