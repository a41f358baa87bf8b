"""What holds for every artefact of every writeup, once it is made."""

import csv
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

from rework import paths
from rework.artefacts.make import build_artefact
from rework.files import sha256_file
from rework.recorded import read_record
from rework.report.manifest import built_entry


def reported(settings, results):
    """Make an artefact, without what was published, and return its description as the report shows it."""
    path = build_artefact(replace(settings, published=(), claims=()), results)
    return built_entry(settings, read_record(path))


def check_made(results, settings):
    """Make an artefact, check that everything the report reads is there, and return its description."""
    sidecar = reported(settings, results)
    assert sidecar["status"] == "built"
    assert sidecar["caption"].endswith(".")
    assert set(sidecar["provenance"]["outputs"]) == {item["file"] for item in sidecar["files"]}
    for name, digest in sidecar["provenance"]["outputs"].items():
        assert sha256_file(results / "artefacts" / settings.writeup / name) == digest
    for name, digest in sidecar["provenance"]["inputs"].items():
        assert sha256_file(results / name) == digest
    if settings.runs or settings.models:
        assert sidecar["provenance"]["inputs"]
    rows = rows_of(results, settings.id)
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}
    if settings.kind == "figure":
        assert sidecar["alt"]
        drawing = paths.artefact_file(results, settings.id, "svg").read_text()
        ElementTree.fromstring(drawing)
        assert str(results) not in drawing
    published = {(value.key, value.metric) for value in settings.published}
    assert {(value["key"], value["metric"]) for value in sidecar["values"]} >= published
    return sidecar


def rows_of(results, artefact):
    """Return the rows of an artefact's CSV, its header first."""
    with paths.artefact_file(results, artefact, "csv").open(newline="") as text:
        return list(csv.reader(text))


def records_of(results, artefact):
    """Return the rows of an artefact's CSV as dictionaries."""
    header, *rows = rows_of(results, artefact)
    return [dict(zip(header, row, strict=True)) for row in rows]
