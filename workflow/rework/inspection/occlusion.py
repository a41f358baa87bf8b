"""How the probability of a class changes while a patch hides one part of a picture after another.

Source: Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, arXiv:1311.2901, 2013.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rework.errors import ConfigError
from rework.inspection.subject import Subject


@dataclass(frozen=True)
class OcclusionMap:
    """Probabilities of a class.

    Attributes:
        whole: with nothing hidden.
        hidden: with the patch at each place, float rows x columns.
        size: side of the patch in pixels.
        stride: pixels from one place to the next.
    """

    whole: float
    hidden: NDArray[np.float32]
    size: int
    stride: int

    def importance(self, height: int, width: int) -> NDArray[np.float64]:
        """Return by how much hiding each pixel lowers the probability: the mean over the patches that cover it.

        Pixels that no patch covers are NaN. The shape is ``height`` x ``width``, that of the picture.
        """
        sums, counts = np.zeros((height, width)), np.zeros((height, width))
        for row, column in np.ndindex(self.hidden.shape):
            patch = _patch(row * self.stride, column * self.stride, self.size)
            sums[patch] += self.whole - float(self.hidden[row, column])
            counts[patch] += 1
        with np.errstate(invalid="ignore"):
            mean: NDArray[np.float64] = sums / counts
        return mean


def occlusion_map(
    subject: Subject, picture: NDArray[np.uint8], target: int, *, size: int, stride: int, level: int = 0
) -> OcclusionMap:
    """Return the probability of a class for each place of a square patch that lies wholly within a picture.

    Args:
        subject: a network that classifies.
        picture: bytes C x H x W.
        target: number of the class.
        size: side of the patch in pixels.
        stride: pixels from one place to the next.
        level: of the patch, 0 (black) to 255.

    Raises:
        ConfigError: the network does not classify, or the patch is larger than the picture.
    """
    if size > min(picture.shape[1:]):
        sides = " × ".join(map(str, picture.shape[:0:-1]))
        raise ConfigError(f"{subject.name}: a patch of {size} × {size} pixels does not fit into a picture of {sides}")
    tops, lefts = (range(0, side - size + 1, stride) for side in picture.shape[1:])
    places = [(top, left) for top in tops for left in lefts]
    pictures = np.repeat(picture[None], len(places) + 1, axis=0)
    for number, (top, left) in enumerate(places):
        pictures[number][:, *_patch(top, left, size)] = level
    found = subject.probabilities(pictures)[:, target]
    return OcclusionMap(float(found[-1]), found[:-1].reshape(len(tops), len(lefts)), size, stride)


def _patch(top: int, left: int, size: int) -> tuple[slice, slice]:
    return slice(top, top + size), slice(left, left + size)
