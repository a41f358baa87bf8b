"""The record of what a made-up run measured."""

from rework.files import write_json


def write_metrics(folder, values, **others):
    """Write ``metrics.json``: values with the number of items behind each, and the unit that a task would declare."""
    units = {name: "share" if name.endswith(("accuracy", "share")) else "" for name in values}
    metrics = {name: {"value": value, "n": count} for name, (value, count) in values.items()}
    write_json(folder / "metrics.json", {"metrics": metrics, "units": units, **others})
