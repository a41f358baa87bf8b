"""Kernels of trained convolutions as grids of small pictures."""

from typing import Annotated, Literal

import numpy as np

from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import elements
from rework.artefacts.named_things import tensor as named_tensor
from rework.artefacts.needs import needs
from rework.artefacts.result import Built
from rework.drawing.picture_grids import kernel_grid
from rework.settings.ranges import Range

SCALES = {
    "heatmap": "in violet (negative) to orange (positive)",
    "grey": "in grey, from black (most negative) to white (most positive)",
}


@needs(runs=1)
def kernels(
    context: ArtefactContext,
    *,
    tensor: str,
    which: str,
    scale: Literal["heatmap", "grey"] = "heatmap",
    columns: Annotated[int, Range(least=1, most=64)] = 8,
) -> Built:
    """Return a convolution's kernels for its first input channel, from the artefact's first run and seed.

    Args:
        context: the artefact.
        tensor: name of the weights.
        which: the convolution in words, as in "first".
        scale: the colour scale.
        columns: kernels per row of the figure.
    """
    run = context.settings.runs[0]
    weights = named_tensor(context, "tensor", run.run, tensor, dimensions=4).astype(np.float64)
    shown = weights[:, 0]
    size = f"{shown.shape[2]} × {shown.shape[1]}"
    channels = weights.shape[1]
    part = "" if channels == 1 else f", for the first of its {channels} input channels"
    limit = float(np.abs(shown).max())
    return Built(
        caption=(
            f"The {len(shown)} kernels of {size} weights of the {which} convolution{part}, after training with seed "
            f"{run.seeds[0]}. One {'grey' if scale == 'grey' else 'colour'} scale around zero for all; the greatest "
            f"weight shown is {limit:.2f} in size."
        ),
        alt=f"Grid of {len(shown)} kernels of {size} weights {SCALES[scale]}",
        data=elements(shown, "weight", {"kernel": range(1, len(shown) + 1), "row": None, "column": None}),
        figure=kernel_grid(shown, columns, "weight", scale),
        facts={"count": len(shown), "largest": limit, "mean": float(shown.mean())},
    )
