"""Trainable variables of networks, tensor by tensor, counted in the modules."""

from typing import Any

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.errors import ConfigError


def tensor_counts(description: dict[str, Any]) -> dict[str, tuple[tuple[int, ...], int]]:
    """Return shape and number of elements of each trainable tensor of a described model, and the ``total``."""
    counts: dict[str, tuple[tuple[int, ...], int]] = {}
    for layer in description["layers"]:
        for tensor in layer["tensors"]:
            counts[f"{layer['name']}.{tensor['name']}"] = (tuple(tensor["shape"]), tensor["count"])
    total = sum(count for _, count in counts.values())
    if total != description["parameters"]:
        raise ConfigError(f"the tensors have {total} elements, the module has {description['parameters']} parameters")
    return {**counts, "total": ((), total)}


@measures(parameters=...)
def parameter_table(context: ArtefactContext, *, prefixes: tuple[str, ...] = ("",)) -> Built:
    """Return the tensors of the artefact's models; the keys of the values are a model's prefix and a tensor's name.

    Raises:
        ConfigError: a model's tensors are not all of its parameters, or not every model has a prefix.
    """
    models = context.settings.models
    if len(prefixes) != len(models):
        raise ConfigError(f"{context.settings.id}: options.prefixes: found {len(prefixes)} for {len(models)} models")
    counts = [tensor_counts(context.model(model)) for model in models]
    columns = [Column("tensor", "tensor")]
    for model in models:
        columns += [Column(f"{model} shape", "shape", "right"), Column(model, f"parameters of {model}", "right")]
    rows: list[dict[str, Any]] = []
    for name in counts[0]:
        row: dict[str, Any] = {"tensor": name}
        for model, found in zip(models, counts, strict=True):
            shape, count = found[name]
            row |= {f"{model} shape": " × ".join(map(str, shape)) or "–", model: count}
        rows.append(row)
    values = tuple(
        Measured(f"{prefix}{name}", "parameters", f"{model}: {name}", exact(count))
        for prefix, model, found in zip(prefixes, models, counts, strict=True)
        for name, (_, count) in found.items()
    )
    totals = {model: found["total"][1] for model, found in zip(models, counts, strict=True)}
    return Built(
        caption=(
            "Trainable variables, counted in the modules that the build made: "
            + "; ".join(f"{model} has {total:,} parameters".replace(",", " ") for model, total in totals.items())
            + "."
        ),
        data=([column.key for column in columns], [[row[column.key] for column in columns] for row in rows]),
        values=values,
        table=Table(tuple(columns), tuple(rows)),
        facts={"totals": totals},
    )
