"""The layers for content and style (4.2), in VGG-19 and in the network that stands in for it here."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Table
from rework.models.style_layers import CONTENT_LAYERS, NETWORKS, STYLE_LAYERS, FeatureLayer

BASES = ("vgg-19", "squeezenet-1-1")


@needs(models=2, described="style-picture", described_order={"base": ("vgg-19", "squeezenet-1-1")})
def style_layers(context: ArtefactContext) -> Built:
    """Return the layers that play each part in the artefact's models, the networks of ``BASES``, with their shapes."""
    models = dict(zip(BASES, (context.model(name) for name in context.settings.models), strict=True))
    rows = []
    for part in sorted({*STYLE_LAYERS, *CONTENT_LAYERS}):
        row: dict[str, Any] = {"part": part, "use": _use(part)}
        for base, model in models.items():
            layer = NETWORKS[base].layers[part]
            described = _described(model, layer)
            row |= {
                f"{base} layer": f"features.{layer.module}" if base == "vgg-19" else layer.name,
                f"{base} shape": " × ".join(map(str, described["output_shape"])),
                f"{base} positions": described["output_shape"][1] * described["output_shape"][2],
            }
        rows.append(row)
    data = pd.DataFrame(rows)
    sides = " and ".join(
        f"{'×'.join(map(str, model['layers'][0]['output_shape'][1:]))} for {NETWORKS[base].title}"
        for base, model in models.items()
    )
    return Built(
        caption=(
            "The layers for style and content by their names in the notes, and which layer of SqueezeNet 1.1 plays the "
            f"part of each. Shapes: channels × height × width, measured on pictures of {sides}. The values are those "
            "after the ReLU that follows a convolution, which in the course's network overwrites them."
        ),
        data=data,
        table=Table.of(
            data,
            Column("part", "in the notes"),
            Column("use", "used for"),
            Column("vgg-19 layer", "VGG-19"),
            Column("vgg-19 shape", "shape", "right"),
            Column("squeezenet-1-1 layer", "SqueezeNet 1.1"),
            Column("squeezenet-1-1 shape", "shape", "right"),
        ),
        facts={"shapes": {row["part"]: row["vgg-19 shape"] for row in rows}},
    )


def _use(part: str) -> str:
    if part in STYLE_LAYERS:
        return "style"
    return "content" if part == "conv4_2" else "content, tried"


def _described(model: Mapping[str, Any], layer: FeatureLayer) -> dict[str, Any]:
    """Return the last described layer within the module that plays a part, with the channels of all that it joins."""
    name = f"features.{layer.module}"
    within = [one for one in model["layers"] if one["name"] == name or one["name"].startswith(f"{name}.")]
    joined = [one for one in within if ".expand" in one["name"] and "activation" not in one["name"]]
    if not joined:
        return dict(within[-1])
    channels = sum(one["output_shape"][0] for one in joined)
    return {**within[-1], "output_shape": [channels, *within[-1]["output_shape"][1:]]}
