"""Recompute the hashes of data and results, and name files that are missing, changed or made by no rule."""

import argparse
import json
from pathlib import Path

from rework.auditing import audit_edition
from rework.catalog import EDITIONS, load_catalog
from rework.errors import DataError
from rework.plan import Plan
from rework.steps.arguments import REPOSITORY


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument(
        "--results", type=Path, default=Path("results"), help="folder of the editions (default: results)"
    )
    parser.add_argument("--overrides", type=json.loads, default={}, help="values over config/config.yaml, as JSON")


def main(arguments: argparse.Namespace) -> None:
    """Run the step."""
    catalog = load_catalog(REPOSITORY, arguments.overrides)
    wrong = 0
    for edition in (*EDITIONS, "reference"):
        folder: Path = arguments.results / edition
        if not folder.is_dir():
            continue
        published = edition == "reference"
        plan = Plan(catalog, "sample" if edition == "sample" else "full", folder)
        audit = audit_edition(plan, None if published else catalog.config.data_dir, published=published)
        for path, problem in audit.findings.items():
            print(f"{path} {problem}", flush=True)
        wrong += len(audit.findings)
        print(f"{edition}: {len(audit.hashes)} files hashed, {len(audit.findings)} problems", flush=True)
    if wrong:
        raise DataError(
            f"{wrong} problems in {arguments.results}, listed above; remove a file that is not as recorded, and "
            "snakemake makes it again"
        )
