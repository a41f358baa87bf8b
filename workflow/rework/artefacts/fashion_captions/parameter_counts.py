"""Layer diagrams, and parameter counts by formula beside those of the module (exercises 1.1 and 1.2)."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.layer_sizes import window_of
from rework.artefacts.measures import measures
from rework.artefacts.named_things import option_place
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table, exact
from rework.drawing.diagrams import blocks_of, layer_diagram, size_text
from rework.errors import ConfigError, DataError
from rework.messages import unknown_name

Layer = Mapping[str, Any]
WORDS = {"convolution": "convolution", "pooling": "max pooling", "hidden": "hidden layer", "output": "output layer"}
"""Layers of the two networks and what the writeup calls them."""


@measures(output_width=("{widths}",))
@needs(models=1)
def network_diagram(
    context: ArtefactContext,
    *,
    layers: tuple[Literal["convolution", "pooling", "hidden", "output"], ...],
    widths: tuple[Literal["convolution", "pooling"], ...] = (),
) -> Built:
    """Draw the given ``layers`` of the artefact's model, and measure the output width of those in ``widths``."""
    description = context.model(context.settings.models[0])
    found = _layers(context, description, (*layers, *widths))
    blocks = blocks_of(description, {found[name]["name"]: WORDS[name] for name in layers})
    sizes = [size_text(block.shape) for block in blocks]
    return Built(
        caption=(
            "The layers and the sizes of their outputs, drawn from the module that the build made: "
            + ", ".join(f"{block.name} {size}" for block, size in zip(blocks, sizes, strict=True))
            + "."
        ),
        alt="Diagram of a network from left to right: "
        + ", then ".join(f"{block.name} ({size})" for block, size in zip(blocks, sizes, strict=True)),
        data=pd.DataFrame(
            {
                "layer": [block.name for block in blocks],
                "output": sizes,
                "parameters": [block.parameters for block in blocks],
            }
        ),
        values=tuple(
            Measured(name, "output_width", f"width after the {WORDS[name]}", exact(found[name]["output_shape"][2]))
            for name in widths
        ),
        figure=layer_diagram(blocks),
        facts={"sizes": sizes},
    )


@measures(parameters=("{layers}", "total"))
@needs(models=1)
def layer_parameters(
    context: ArtefactContext, *, layers: tuple[Literal["convolution", "pooling", "hidden", "output"], ...]
) -> Built:
    """Count the parameters of the given ``layers`` of the artefact's model by formula and in the module."""
    description = context.model(context.settings.models[0])
    rows: list[dict[str, Any]] = []
    for key, layer in _layers(context, description, layers).items():
        formula, text = parameters_by_formula(layer)
        _check(layer, formula)
        rows.append(
            {
                "key": key,
                "layer": WORDS[key],
                "size": size_text(layer["output_shape"]),
                "formula": text,
                "by_formula": formula,
                "counted": layer["parameters"],
            }
        )
    total = {
        "key": "total",
        "layer": "whole network",
        "size": "",
        "formula": " + ".join(str(row["by_formula"]) for row in rows),
        "by_formula": sum(row["by_formula"] for row in rows),
        "counted": description["parameters"],
    }
    rows.append(total)
    data = pd.DataFrame(rows).drop(columns="key")
    return Built(
        caption="Parameters of each layer, by formula and counted in the tensors of the module.",
        data=data,
        values=tuple(Measured(row["key"], "parameters", row["layer"], exact(row["counted"])) for row in rows),
        table=Table.of(
            data,
            Column("layer", "layer"),
            Column("size", "output", "right"),
            Column("formula", "formula", "right"),
            Column("by_formula", "by formula", "right"),
            Column("counted", "in the module", "right"),
        ),
        facts={row["key"]: row["counted"] for row in rows},
    )


def parameters_by_formula(layer: Layer) -> tuple[int, str]:
    """Return the parameter count of a layer from its sizes, and the formula with the numbers filled in.

    A convolution has filters x (kernel width x kernel height x channels + 1) parameters, a linear layer has outputs x
    (inputs + 1), and a pooling layer has none.
    """
    if layer["type"] == "Linear":
        inputs, outputs = layer["input_shape"][0], layer["output_shape"][0]
        return outputs * (inputs + 1), f"{outputs} · ({inputs} + 1)"
    if layer["type"] == "Conv2d":
        kernel = window_of(layer).kernel
        channels, filters = layer["input_shape"][0], layer["output_shape"][0]
        return filters * (kernel * kernel * channels + 1), f"{filters} · ({kernel} · {kernel} · {channels} + 1)"
    return 0, "0"


def _layers(context: ArtefactContext, description: Mapping[str, Any], names: Sequence[str]) -> dict[str, Layer]:
    """Return the named layers; in a network of nested modules, the last part of the name is matched."""
    found = {layer["name"].rpartition(".")[2]: layer for layer in description["layers"]}
    found |= {layer["name"]: layer for layer in description["layers"]}
    if "hidden" in names and "hidden" not in found:
        found |= dict([("hidden", layer) for layer in description["layers"] if layer["type"] == "Linear"][:1])
    for name in names:
        if name not in found:
            raise ConfigError(f"{option_place(context, 'layers')}: {unknown_name('layer', name, found)}")
    return {name: found[name] for name in names}


def _check(layer: Layer, formula: int) -> None:
    """Refuse to show a formula that contradicts the module, in its parameters or in its output size."""
    if formula != layer["parameters"]:
        raise DataError(f"layer {layer['name']}: {formula} parameters by formula, {layer['parameters']} in the module")
    if len(layer["output_shape"]) == 3:
        width = window_of(layer).output_size(layer["input_shape"][2])
        if width != layer["output_shape"][2]:
            raise DataError(
                f"layer {layer['name']}: width {width} by formula, {layer['output_shape'][2]} in the module"
            )
