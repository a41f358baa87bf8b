"""Build the report: as one HTML page with the manifest and the table of all values, and as PDF."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rework.catalogue.plan import Plan, settings_edition
from rework.drawing.fonts import REPOSITORY
from rework.errors import ReportError
from rework.files import write_bytes, write_text
from rework.page_seals import sealed
from rework.paths import report_dir
from rework.recorded import write_record
from rework.report.anchor import manifest_sha256, whole_manifest
from rework.report.collect import collect
from rework.report.pages import render
from rework.report.pdf import write_pdf
from rework.report.tables import metrics_csv
from rework.steps.arguments import add_overrides_argument, given_overrides, load_catalogue, load_reference_catalogue

PARTS = ("page", "pdf")
SHOWN = ("report.html", "report.pdf")
KEPT = REPOSITORY / ".cache" / "pdf"
"""Chapters of the PDF as they were set last."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this step."""
    parser.add_argument("--edition", choices=("full", "sample", "reference"), default="full", help="default: full")
    parser.add_argument("--results", type=Path, help="results folder of the edition (default: results/<edition>)")
    parser.add_argument("--only", choices=PARTS, help="the page with manifest and metrics, or the PDF (default: both)")
    parser.add_argument(
        "--processes", type=int, default=1, help="chapters of the PDF that are set at a time (default: 1)"
    )
    parser.add_argument("--plan", help="hash of the configuration that was planned with; another one is refused")
    add_overrides_argument(parser)


def main(arguments: argparse.Namespace) -> None:
    """Run the step."""
    results = arguments.results or Path("results") / arguments.edition
    if arguments.processes < 1:
        raise ReportError(f"--processes: found {arguments.processes}, expected a whole number from 1 on")
    parts = (arguments.only,) if arguments.only else PARTS
    overrides = given_overrides(arguments)
    build_report(arguments.edition, results, overrides, parts, arguments.plan, arguments.processes)


def build_report(
    edition: str,
    results: Path,
    overrides: Mapping[str, Any],
    parts: Sequence[str] = PARTS,
    planned: str | None = None,
    processes: int = 1,
) -> None:
    """Write manifest.json, metrics.csv and report.html, and report.pdf, of the results in a folder.

    Args:
        edition: ``full``, ``sample`` or ``reference``.
        results: their folder; the report goes into its ``report/``.
        overrides: values over ``config/config.yaml``.
        parts: ``page``, which takes a second, ``pdf``, which takes many, or both.
        planned: the digest of the plan that the report belongs to, if there is one.
        processes: how many chapters of the PDF are set at a time.

    Raises:
        ReportError: the configuration is not the planned one, or a result is missing.
    """
    load = load_reference_catalogue if edition == "reference" else load_catalogue
    catalogue = load(overrides)
    if planned is not None and planned != Plan(catalogue, settings_edition(edition), results).digest():
        raise ReportError(
            "the configuration was changed after this report was planned, so that it would state settings that no run "
            "had; call snakemake again"
        )
    report = collect(catalogue, edition, results)
    folder = report_dir(results)
    metrics = metrics_csv(report.entries)
    content = whole_manifest(report, metrics)
    anchor = manifest_sha256(content)
    # All of it is rendered before anything is replaced, the PDF first, because that can fail at the last page.
    page = render(report, "html", metrics) if "page" in parts else ""
    if "pdf" in parts:
        write_pdf(render(report, "pdf", metrics), folder / "report.pdf", metrics, processes, anchor, KEPT)
    if "page" in parts:
        write_record(folder / "manifest.json", content)
        write_text(folder / "metrics.csv", metrics)
        write_bytes(folder / "report.html", sealed(page.encode(), ".html", anchor))
    written = " and ".join(str(folder / name) for part, name in zip(PARTS, SHOWN, strict=True) if part in parts)
    counts = ", ".join(f"{count} {word}" for word, count in report.counts.items() if count)
    print(f"{written}: {counts}")
