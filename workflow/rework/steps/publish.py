"""Copy one writeup's finished full edition into results/reference and render the report from it."""

import argparse
from pathlib import Path

from rework.auditing.edition import audit_edition
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.plan import Plan
from rework.errors import DataError, ReportError, ReworkError
from rework.publishing import concerns, publish
from rework.steps.arguments import REPOSITORY, add_overrides_argument, given_overrides
from rework.steps.report import build_report

REFERENCE = Path("results/reference")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument("writeup", help="which writeup, as in config/writeups")
    parser.add_argument("--results", type=Path, default=Path("results/full"), help="default: results/full")
    parser.add_argument("--reference", type=Path, default=REFERENCE, help=f"default: {REFERENCE}")
    add_overrides_argument(parser)


def main(arguments: argparse.Namespace) -> None:
    """Run the step."""
    overrides = given_overrides(arguments)
    catalogue = load_catalogue(REPOSITORY, overrides)
    catalogue.writeup(arguments.writeup)  # raises an error for an unknown one
    plan = Plan(catalogue, "full", arguments.results)
    findings = audit_edition(plan, catalogue.config.data_dir).findings
    wrong = [path for path in findings if concerns(plan, arguments.writeup, path)]
    if wrong:
        raise DataError(
            f"{len(wrong)} of the results of {arguments.writeup} are not as recorded, so nothing was published; the "
            f"first: {wrong[0]} {findings[wrong[0]]}; 'python -m rework verify' lists them"
        )
    done = publish(plan, arguments.writeup, arguments.reference)
    print(f"{arguments.writeup}: {len(done.written)} files in {arguments.reference}", flush=True)
    for path in done.removed:
        print(f"removed {path}, which is no longer asked for", flush=True)
    try:
        build_report("reference", arguments.reference, overrides)
    except ReworkError as error:
        raise ReportError(
            f"{arguments.writeup} is published, but the report of {arguments.reference} failed: {error}"
        ) from error
