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
    """Return the table, a row per value; what was not run leaves its cells empty and says so in its verdict."""
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
    """Return the values that the report lists under an artefact: all, or beside a table of its own the published."""
    return [value for value in entry["values"] if value["published"] is not None or not entry["table"]]
