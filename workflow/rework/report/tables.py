"""``metrics.csv``: every published and measured value of a build as one table."""

import csv
import io
from typing import Any

HEADER = (
    "artefact",
    "key",
    "metric",
    "unit",
    "published",
    "tolerance",
    "relation",
    "reproduced",
    "low",
    "high",
    "interval",
    "seeds",
    "verdict",
)


def metrics_csv(entries: list[dict[str, Any]]) -> str:
    """Return the table, a row per value; values that were not run have empty cells and a verdict that says so."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for entry in entries:
        for value in entry["values"]:
            found = value["reproduced"] or {}
            writer.writerow(
                [
                    entry["id"],
                    value["key"],
                    value["metric"],
                    value["unit"],
                    value["published"],
                    value["tolerance"],
                    value["relation"],
                    found.get("mean"),
                    found.get("low"),
                    found.get("high"),
                    found.get("interval"),
                    " ".join(map(str, found.get("seeds", []))),
                    value["verdict"],
                ]
            )
    return text.getvalue()


def shown_values(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the values that the report lists under an artefact: all, or the published ones if it has its own table."""
    return [value for value in entry["values"] if value["published"] is not None or not entry["table"]]
