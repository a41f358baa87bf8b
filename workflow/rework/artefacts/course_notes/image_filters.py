"""Filters and pooling of grey pictures, as the course's notebooks compute them (3.2 and 3.3)."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate

Grey = NDArray[np.uint8]
Floats = NDArray[np.float64]
Border = Literal["mirrored", "zeros", "extended", "cropped"]

# The names of scipy's modes; OpenCV's default is called reflect-101 there.
_MODES: Mapping[Border, Literal["mirror", "constant", "nearest"]] = {
    "mirrored": "mirror",
    "zeros": "constant",
    "extended": "nearest",
    "cropped": "nearest",
}
# The weights of red, green and blue in ITU-R BT.601, as OpenCV rounds them for bytes.
_GREY_WEIGHTS = np.array([9798, 19235, 3735], dtype=np.int64)
_GREY_BITS = 15

KERNELS: Mapping[str, Floats] = {
    name: np.array(rows, dtype=np.float64)
    for name, rows in {
        "high-pass": [[0, -1, 0], [-1, 4, -1], [0, -1, 0]],
        "sobel-x": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
        "sobel-y": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
        # These are from setosa.io/ev/image-kernels, which the notes name as their source.
        "blur": [[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]],
        "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
        "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
        "outline": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    }.items()
}
"""Kernels by name. They are laid over the picture as they are written, without turning them around."""


def to_grey(picture: NDArray[np.uint8]) -> Grey:
    """Return a picture (RGB bytes, H x W x 3) in grey, H x W, as OpenCV's ``COLOR_RGB2GRAY`` does."""
    weighted = picture.astype(np.int64) @ _GREY_WEIGHTS
    return ((weighted + (1 << (_GREY_BITS - 1))) >> _GREY_BITS).astype(np.uint8)


def responses(picture: NDArray[np.generic], kernel: Floats, border: Border = "mirrored") -> Floats:
    """Return the weighted sum around each pixel, unlimited.

    Args:
        picture: H x W.
        kernel: odd sides.
        border: what is taken for pixels beyond the edge: the picture mirrored at its outermost pixels, which are not
            repeated; zeros; or the outermost pixels, repeated. ``cropped`` returns only sums that need none.
    """
    sums: Floats = correlate(picture.astype(np.float64), kernel, mode=_MODES[border])
    if border != "cropped":
        return sums
    rows, columns = (side // 2 for side in kernel.shape)
    return sums[rows : len(sums) - rows, columns : sums.shape[1] - columns]


def filtered(picture: Grey, kernel: Floats, border: Border = "mirrored") -> Grey:
    """Return the responses as bytes, like OpenCV's ``filter2D`` with depth -1: below 0 becomes 0, above 255 255."""
    return np.rint(responses(picture, kernel, border)).clip(0, 255).astype(np.uint8)


def pooled(picture: NDArray[np.generic], kind: Literal["max", "average"]) -> Floats:
    """Return a picture H x W pooled over 2 x 2 pixels with stride 2; an odd last row or column is dropped."""
    height, width = (side // 2 for side in picture.shape)
    blocks = picture[: 2 * height, : 2 * width].reshape(height, 2, width, 2).astype(np.float64)
    result: Floats = blocks.max(axis=(1, 3)) if kind == "max" else blocks.mean(axis=(1, 3))
    return result
