"""Build the manifest, the table of all values, and the report as PDF and as one HTML page."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rework.files import write_json, write_text
from rework.paths import report_dir
from rework.report.collect import collect
from rework.report.manifest import manifest
from rework.report.pages import render
from rework.report.pdf import write_pdf
from rework.report.tables import metrics_csv
from rework.steps.arguments import load_catalogue, load_reference_catalogue


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument("--edition", choices=("full", "sample", "reference"), default="full", help="default: full")
    parser.add_argument("--results", type=Path, help="results folder of the edition (default: results/<edition>)")
    parser.add_argument("--overrides", type=json.loads, default={}, help="values over config/config.yaml, as JSON")


def main(arguments: argparse.Namespace) -> None:
    """Run the step."""
    build_report(arguments.edition, arguments.results or Path("results") / arguments.edition, arguments.overrides)


def build_report(edition: str, results: Path, overrides: Mapping[str, Any]) -> None:
    """Write manifest.json, metrics.csv, report.html and report.pdf of the results in a folder.

    Args:
        edition: ``full``, ``sample`` or ``reference``.
        results: their folder; the report goes into its ``report/``.
        overrides: values over ``config/config.yaml``.
    """
    load = load_reference_catalogue if edition == "reference" else load_catalogue
    report = collect(load(overrides), edition, results)
    folder = report_dir(results)
    metrics = metrics_csv(report.entries)
    write_json(folder / "manifest.json", manifest(report.entries, report.edition))
    write_text(folder / "metrics.csv", metrics)
    write_text(folder / "report.html", render(report, "html", metrics))
    write_pdf(render(report, "pdf", metrics), folder / "report.pdf", metrics)
    counts = ", ".join(f"{count} {word}" for word, count in report.counts.items() if count)
    print(f"{folder / 'report.pdf'} and {folder / 'report.html'}: {counts}")
