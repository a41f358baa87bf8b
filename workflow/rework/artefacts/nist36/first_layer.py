"""Weights of the first layer of the numpy classifier as pictures (figures 25 and 26)."""

import numpy as np
import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.named_things import tensor as named_tensor
from rework.artefacts.needs import needs
from rework.artefacts.result import Built
from rework.drawing.picture_grids import kernel_grid


@needs(runs=1, trained="numpy-classifier", data="nist36")
def first_layer(context: ArtefactContext, *, tensor: str, when: str) -> Built:
    """Return the weights of the first layer as pictures; ``tensor`` names them, ``when`` says when they are taken."""
    run = context.settings.runs[0]
    weights = named_tensor(context, "tensor", run.run, tensor, dimensions=2)
    side = round(weights.shape[0] ** 0.5)
    pictures = weights.T.reshape(-1, side, side)
    neighbours = float(np.corrcoef(pictures[:, :, 1:].ravel(), pictures[:, :, :-1].ravel())[0, 1])
    return Built(
        caption=(
            f"The weights of the {len(pictures)} hidden units {when}, each as a picture of {side} × {side} (seed "
            f"{run.seeds[0]}), on one scale around zero. Standard deviation {weights.std():.3f}, greatest size "
            f"{np.abs(weights).max():.2f}; the correlation of neighbouring pixels is {neighbours:.2f}."
        ),
        alt=f"Grid of {len(pictures)} pictures of weights {when}",
        data=pd.DataFrame(
            [(unit.mean(), unit.std(), unit.min(), unit.max()) for unit in pictures],
            pd.RangeIndex(1, len(pictures) + 1, name="unit"),
            ["mean", "standard deviation", "least", "greatest"],
            dtype=np.float64,
        ).reset_index(),
        figure=kernel_grid(pictures, 16, "weight", cell=0.36),
        facts={"std": float(weights.std()), "neighbours": neighbours, "units": len(pictures)},
    )
