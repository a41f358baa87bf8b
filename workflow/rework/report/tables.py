"""``metrics.csv``: every published and measured value of a build as one table."""

from typing import Any

import pandas as pd

COLUMNS = [
    *("artefact", "key", "metric", "unit", "published", "tolerance", "because", "relation"),
    *("source", "split", "divisor"),
    *("reproduced", "low", "high", "interval", "seeds", "verdict"),
    *("deviation", "caught", "undecided", "seeds_to_decide", "as_far", "remarks"),
]


def metrics_csv(entries: list[dict[str, Any]]) -> str:
    """Return the table, a row per value; values that were not run have empty cells and a verdict that says so."""
    rows: list[dict[str, Any]] = []
    for entry in entries:
        for value in entry["values"]:
            found = value["reproduced"] or {}
            seeds = " ".join(map(str, found.get("seeds", ())))
            told = {**(value["power"] or {}), "remarks": " ".join(value["remarks"])}
            main = {"artefact": entry["id"], "reproduced": found.get("mean"), "seeds": seeds}
            rows.append({**value, **found, **told, **main})
    # As objects: a column of whole numbers and floats keeps both as they are.
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object).to_csv(index=False, lineterminator="\n")


def shown_values(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the values that the report lists under an artefact: all, or the published ones if it has its own table."""
    return [value for value in entry["values"] if value["published"] is not None or not entry["table"]]
