"""Trainable variables of networks, tensor by tensor, counted in the modules."""

from typing import Any

import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.errors import ConfigError


def tensor_counts(description: dict[str, Any]) -> dict[str, tuple[tuple[int, ...], int]]:
    """Return the shape and size of each trainable tensor of a described model, and the ``total``."""
    counts: dict[str, tuple[tuple[int, ...], int]] = {}
    for layer in description["layers"]:
        for tensor in layer["tensors"]:
            counts[f"{layer['name']}.{tensor['name']}"] = (tuple(tensor["shape"]), tensor["count"])
    total = sum(count for _, count in counts.values())
    if total != description["parameters"]:
        raise ConfigError(f"the tensors have {total} elements, the module has {description['parameters']} parameters")
    return {**counts, "total": ((), total)}


@measures(parameters=...)
@needs(models=(1, ...), per_model="prefixes")
def parameter_table(context: ArtefactContext, *, prefixes: tuple[str, ...] = ("",)) -> Built:
    """Return the tensors of the artefact's models; each value's key is the model's prefix and the tensor's name.

    Raises:
        ConfigError: a model's tensors do not cover all its parameters.
    """
    models = context.settings.models
    counts = [tensor_counts(context.model(model)) for model in models]
    columns = [Column("tensor", "tensor")]
    data = pd.DataFrame({"tensor": list(counts[0])})
    for model, found in zip(models, counts, strict=True):
        columns += [Column(f"{model} shape", "shape", "right"), Column(model, f"parameters of {model}", "right")]
        data[f"{model} shape"] = [" × ".join(map(str, found[name][0])) or "–" for name in counts[0]]
        data[model] = [found[name][1] for name in counts[0]]
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
        data=data,
        values=values,
        table=Table.of(data, *columns),
        facts={"totals": totals},
    )
