"""Random weights of SqueezeNet 1.1's features, written without torch: an encoder that has learned nothing.

What it keeps of a picture, as random convolutions do, is enough to tell drawn scenes apart.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rework.evaluation.archive import write_npz

# The last weights are smaller, or the attention of a fresh decoder would pick one position and stay with it.
_LAST, _SMALLER = "12.expand", 0.1
# Of each fire module: its number among the features, its input, squeezed and expanded channels (twice, 1×1 and 3×3).
_FIRES = (
    *((3, 64, 16, 64), (4, 128, 16, 64), (6, 128, 32, 128), (7, 256, 32, 128)),
    *((9, 256, 48, 192), (10, 384, 48, 192), (11, 384, 64, 256), (12, 512, 64, 256)),
)


def write_random_encoder(path: Path, seed: int) -> None:
    """Write weights under torchvision's names, drawn as torchvision draws them but for the last, and biases of 0."""
    random = np.random.default_rng(seed)
    tensors: dict[str, NDArray[np.float32]] = {}
    for name, shape in _convolutions():
        limit = np.sqrt(6 / np.prod(shape[1:]))  # He's uniform initialisation
        weights = random.uniform(-limit, limit, shape) * (_SMALLER if name.startswith(_LAST) else 1)
        tensors[f"features.{name}.weight"] = weights.astype(np.float32)
        tensors[f"features.{name}.bias"] = np.zeros(shape[0], np.float32)
    write_npz(path, tensors)


def _convolutions() -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    yield "0", (64, 3, 3, 3)
    for number, entering, squeezed, expanded in _FIRES:
        yield f"{number}.squeeze", (squeezed, entering, 1, 1)
        yield f"{number}.expand1x1", (expanded, squeezed, 1, 1)
        yield f"{number}.expand3x3", (expanded, squeezed, 3, 3)
