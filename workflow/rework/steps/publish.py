"""Copy one writeup's finished full edition into results/reference and render the report from it."""

import argparse
from pathlib import Path

from rework.auditing.audit import Audit
from rework.auditing.commands import quoted
from rework.auditing.edition import audit_edition
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.plan import Plan
from rework.catalogue.publishable import concerns
from rework.errors import DataError, ReportError, ReworkError
from rework.publication import write_publication
from rework.publishing import present, publish
from rework.steps.arguments import (
    REPOSITORY,
    add_overrides_argument,
    given_overrides,
    load_reference_catalogue,
)
from rework.steps.report import build_report

REFERENCE = Path("results/reference")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument("writeup", help="which writeup, as in config/writeups")
    parser.add_argument("--results", type=Path, default=Path("results/full"), help="default: results/full")
    parser.add_argument("--reference", type=Path, default=REFERENCE, help=f"default: {REFERENCE}")
    parser.add_argument(
        "--only-record",
        action="store_true",
        help="copy nothing, but record what is in the reference now, after a result was put there in another way",
    )
    add_overrides_argument(parser)


def main(arguments: argparse.Namespace) -> None:
    """Run the step."""
    overrides = given_overrides(arguments)
    if arguments.only_record:
        catalogue = load_reference_catalogue(overrides)
        catalogue.writeup(arguments.writeup)
        plan = Plan(catalogue, "full", arguments.reference)
        found = present(plan, arguments.writeup)
        audit = audit_edition(plan, None, published=True, overrides=overrides, proposed={arguments.writeup: found})
        _stop_on_findings(plan, arguments.writeup, audit, "recorded")
        write_publication(plan.results, arguments.writeup, found)
        print(f"{arguments.writeup}: {len(found.files)} files of {arguments.reference} are recorded as published")
        return
    catalogue = load_catalogue(REPOSITORY, overrides)
    catalogue.writeup(arguments.writeup)  # raises an error for an unknown one
    plan = Plan(catalogue, "full", arguments.results)
    audit = audit_edition(plan, catalogue.config.data_dir, overrides=overrides)
    _stop_on_findings(plan, arguments.writeup, audit, "published")
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


def _stop_on_findings(plan: Plan, writeup: str, audit: Audit, done: str) -> None:
    """Raise an error if something is wrong with results of a writeup, or with what they were made from."""
    wrong = [path for path in audit.findings if concerns(plan, writeup, path)]
    if wrong:
        raise DataError(
            f"{len(wrong)} of the results of {writeup} are not as recorded, so nothing was {done}; the first: "
            f"{wrong[0]} {audit.findings[wrong[0]]}; {quoted(audit.commands.verify(plan.results.name))} lists them"
        )
