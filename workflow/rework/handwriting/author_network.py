"""The network that the author of nist36 trained: the shapes of its arrays, and its scores of letters."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.errors import DataError

SHAPES: Mapping[str, tuple[int, ...]] = {
    "Wlayer1": (1024, 64),
    "blayer1": (64,),
    "Woutput": (64, 36),
    "boutput": (36,),
}
"""The arrays of its file, in the author's names."""


def author_scores(weights: Mapping[str, NDArray[Any]], crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the author's scores of each letter, shape (N, 36): sigmoid of one layer, then a linear one.

    Args:
        weights: his four arrays, in his names.
        crops: upright letters, dark on white, bytes (N, 1, 32, 32). His pictures are transposed, with paper 1.

    Raises:
        DataError: an array is missing or has another shape.
    """
    for name, shape in SHAPES.items():
        found = weights[name].shape if name in weights else None
        if found != shape:
            raise DataError(f"the author's network: {name} has the shape {found}, expected {shape}")
    inputs = crops[:, 0].transpose(0, 2, 1).reshape(len(crops), -1) / 255.0
    hidden = 1 / (1 + np.exp(-(inputs @ weights["Wlayer1"] + weights["blayer1"])))
    scores: NDArray[np.float32] = (hidden @ weights["Woutput"] + weights["boutput"]).astype(np.float32)
    return scores
