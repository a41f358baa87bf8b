"""Layer diagrams and parameter counts, by formula beside those of the module (writeup 001, exercises 1.1 and 1.2)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.result import Built, Column, Measured, Table
from rework.drawing.diagrams import blocks_of, layer_diagram, size_text
from rework.errors import DataError
from rework.evaluation.statistics import estimate

Layer = Mapping[str, Any]
_WINDOW = re.compile(r"(\d+)×\d+, stride (\d+), padding (\d+)")
CNN_LAYERS = {"convolution": "convolution", "pooling": "max pooling", "output": "output layer"}
FFN_LAYERS = {"hidden": "hidden layer", "output": "output layer"}


def output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """Return the width after a window slides over ``size`` pixels: (size - kernel + 2 padding) / stride + 1."""
    return (size - kernel + 2 * padding) // stride + 1


@measures(output_width=("convolution", "pooling"))
def cnn_organisation(context: ArtefactContext) -> Built:
    """Draw the convolutional network of exercise 1.1."""
    description = context.model("single-conv")
    layers = _layers(description, CNN_LAYERS)
    values = tuple(
        Measured(
            key,
            "output_width",
            f"width after the {CNN_LAYERS[key]}",
            estimate([layers[key]["output_shape"][2]], exact=True),
        )
        for key in ("convolution", "pooling")
    )
    return _organisation(description, CNN_LAYERS, values)


def ffn_organisation(context: ArtefactContext) -> Built:
    """Draw the feedforward network of exercise 1.2."""
    return _organisation(context.model("feedforward"), FFN_LAYERS, ())


@measures(parameters=("convolution", "pooling", "output", "total"))
def cnn_parameters(context: ArtefactContext) -> Built:
    """Count the parameters of the convolutional network by formula and in the module."""
    return _parameters(context.model("single-conv"), CNN_LAYERS)


@measures(parameters=("hidden", "output", "total"))
def ffn_parameters(context: ArtefactContext) -> Built:
    """Count the parameters of the feedforward network by formula and in the module."""
    return _parameters(context.model("feedforward"), FFN_LAYERS)


def parameters_by_formula(layer: Layer) -> tuple[int, str]:
    """Return the parameter count of a layer from its sizes, and the formula with the numbers put in.

    A convolution has filters x (kernel width x kernel height x channels + 1) parameters, a linear layer outputs x
    (inputs + 1), a pooling none.
    """
    if layer["type"] == "Linear":
        inputs, outputs = layer["input_shape"][0], layer["output_shape"][0]
        return outputs * (inputs + 1), f"{outputs} · ({inputs} + 1)"
    if layer["type"] == "Conv2d":
        kernel, _, _ = _window(layer)
        channels, filters = layer["input_shape"][0], layer["output_shape"][0]
        return filters * (kernel * kernel * channels + 1), f"{filters} · ({kernel} · {kernel} · {channels} + 1)"
    return 0, "0"


def _window(layer: Layer) -> tuple[int, int, int]:
    """Return kernel, stride and padding of a convolution or pooling."""
    found = _WINDOW.match(layer["detail"])
    if found is None:
        raise DataError(f"layer {layer['name']}: {layer['detail']!r} is no window with stride and padding")
    return int(found[1]), int(found[2]), int(found[3])


def _layers(description: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Layer]:
    """Return the named layers; a network built of nested modules is searched by the last part of the name."""
    found = {layer["name"].rpartition(".")[2]: layer for layer in description["layers"]}
    found |= {layer["name"]: layer for layer in description["layers"]}
    if "hidden" in names and "hidden" not in found:
        found["hidden"] = next(layer for layer in description["layers"] if layer["type"] == "Linear")
    return {name: found[name] for name in names}


def _organisation(description: Mapping[str, Any], names: Mapping[str, str], values: tuple[Measured, ...]) -> Built:
    layers = _layers(description, names)
    blocks = blocks_of(description, {layers[key]["name"]: text for key, text in names.items()})
    sizes = [size_text(block.shape) for block in blocks]
    return Built(
        caption=(
            "The layers and the sizes of their outputs, drawn from the module that the build made: "
            + ", ".join(f"{block.name} {size}" for block, size in zip(blocks, sizes, strict=True))
            + "."
        ),
        alt="Diagram of a network from left to right: "
        + ", then ".join(f"{block.name} ({size})" for block, size in zip(blocks, sizes, strict=True)),
        data=(
            ("layer", "output", "parameters"),
            [[b.name, s, b.parameters] for b, s in zip(blocks, sizes, strict=True)],
        ),
        values=values,
        figure=layer_diagram(blocks),
        facts={"sizes": sizes},
    )


def _parameters(description: Mapping[str, Any], names: Mapping[str, str]) -> Built:
    rows: list[dict[str, Any]] = []
    for key, layer in _layers(description, names).items():
        formula, text = parameters_by_formula(layer)
        _check(layer, formula)
        rows.append(
            {
                "key": key,
                "layer": names[key],
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
    columns = (
        Column("layer", "layer"),
        Column("size", "output", "right"),
        Column("formula", "formula", "right"),
        Column("by_formula", "by formula", "right"),
        Column("counted", "in the module", "right"),
    )
    return Built(
        caption="Parameters of each layer, by formula and counted in the tensors of the module.",
        data=_csv(columns, rows),
        values=tuple(
            Measured(row["key"], "parameters", row["layer"], estimate([row["counted"]], exact=True)) for row in rows
        ),
        table=Table(columns, tuple({column.key: row[column.key] for column in columns} for row in rows)),
        facts={row["key"]: row["counted"] for row in rows},
    )


def _csv(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    return [column.key for column in columns], [[row[column.key] for column in columns] for row in rows]


def _check(layer: Layer, formula: int) -> None:
    """Refuse to show a formula that contradicts the module, in its parameters or in its output size."""
    if formula != layer["parameters"]:
        raise DataError(f"layer {layer['name']}: {formula} parameters by formula, {layer['parameters']} in the module")
    if len(layer["output_shape"]) == 3:
        kernel, stride, padding = _window(layer)
        width = output_size(layer["input_shape"][2], kernel, stride, padding)
        if width != layer["output_shape"][2]:
            raise DataError(
                f"layer {layer['name']}: width {width} by formula, {layer['output_shape'][2]} in the module"
            )
