"""The whole manifest of a report, and its hash, which the report prints on its last page.

It holds the hash of every record that the report was made from, and those hold the hashes of all other results. So the
printed hash stands for all of them: results that were rewritten, with all their records, give another one.
"""

import tempfile
from pathlib import Path
from typing import Any

from rework.files import sha256_file, sha256_text
from rework.provenance import origin
from rework.recorded import write_record
from rework.report.collect import Report
from rework.report.manifest import manifest


def whole_manifest(report: Report, metrics: str) -> dict[str, Any]:
    """Return the content of ``manifest.json``.

    Args:
        report: the report.
        metrics: content of ``metrics.csv``.
    """
    return {
        **manifest(report.entries, report.edition),
        "records": dict(report.records),
        "metrics_sha256": sha256_text(metrics),
        "configuration": report.configuration,
        "provenance": origin("report", "report"),
    }


def manifest_sha256(content: dict[str, Any]) -> str:
    """Return the SHA-256 of the file that a manifest will be."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "manifest.json")
        write_record(path, content)
        return sha256_file(path)
