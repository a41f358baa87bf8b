"""Finding letters on a photograph of handwriting (writeup 003, Q4.2).

The writeup's recipe, made to hold for other photographs: smooth, divide ink and paper by Otsu's
threshold, close gaps, label connected pieces, drop the small ones. Two things are added. The paper
is made even first, so that a shadow is no ink. And pieces of one letter are joined.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse.csgraph import connected_components
from skimage.color import rgb2gray
from skimage.filters import threshold_otsu
from skimage.measure import block_reduce, label, regionprops
from skimage.morphology import disk

# Shares of the picture's longer side.
SMOOTHING = 1 / 1500  # standard deviation: takes away the noise of a sensor and leaves strokes
PAPER = 1 / 10  # side of a square with paper in it: wider than a stroke, also where one word fills the picture
LEAST_CONTRAST = 0.12  # ink must be darker than the rest by this share of the paper
DARKEST_PAPER = 0.25  # of 1, which is white
SMALL = 0.3  # pieces both lower and narrower than this share of a letter's height are specks or dots
JOINED = 0.6  # pieces of one letter lie above each other by this share of the narrower one

Boxes = NDArray[np.int64]


@dataclass(frozen=True)
class Letters:
    """Letters of a picture: boxes (N, 4) as top, left, bottom, right, the ends exclusive; ink, bool (H, W)."""

    boxes: Boxes
    ink: NDArray[np.bool_]


def find_letters(picture: NDArray[np.uint8]) -> Letters:
    """Return the letters of a picture (RGB bytes, H x W x 3), in no particular order."""
    ink = find_ink(picture)
    pieces = np.array([region.bbox for region in regionprops(label(ink, connectivity=2))], dtype=np.int64)
    if not len(pieces):
        return Letters(np.empty((0, 4), dtype=np.int64), ink)
    tall = letter_height(pieces)
    # Specks are gone before pieces are joined, so that none sticks to a letter.
    pieces = pieces[np.maximum(*_sizes(pieces)) >= SMALL * tall]
    return Letters(join_pieces(pieces), ink)


def find_ink(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which pixels are ink, bool (H, W)."""
    longer = max(picture.shape[:2])
    # Gaussian smoothing instead of the writeup's bilateral filter, which takes minutes at this size.
    grey = ndimage.gaussian_filter(rgb2gray(picture), SMOOTHING * longer)
    paper = _paper(grey, PAPER * longer)
    darkness = (paper - grey) / np.maximum(paper, DARKEST_PAPER)
    threshold = threshold_otsu(darkness)
    found = darkness > threshold
    if darkness[found].mean() - darkness[~found].mean() < LEAST_CONTRAST:
        # An empty page: what Otsu divides is the grain of the paper.
        return np.zeros(grey.shape, dtype=bool)
    closed: NDArray[np.bool_] = ndimage.binary_closing(found, disk(max(1, round(longer / 900))))
    return closed


def letter_height(pieces: Boxes) -> float:
    """Return the height of a typical letter: the median of pieces, the larger ones counting more."""
    heights = np.maximum(*_sizes(pieces)).astype(np.float64)
    order = np.argsort(heights)
    weights = np.cumsum(heights[order] ** 2)
    return float(heights[order][np.searchsorted(weights, weights[-1] / 2)])


def join_pieces(pieces: Boxes) -> Boxes:
    """Return boxes with pieces of one letter joined: those whose boxes overlap, one beside or above the other."""
    boxes = pieces
    while True:
        merged = _join_once(boxes)
        if len(merged) == len(boxes):
            return merged
        boxes = merged


def _join_once(boxes: Boxes) -> Boxes:
    top, left, bottom, right = boxes.T
    down = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    across = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    heights, widths = _sizes(boxes)
    shared_down = down / np.minimum(heights[:, None], heights)
    shared_across = across / np.minimum(widths[:, None], widths)
    together = (shared_down > 0) & (shared_across > JOINED)
    count, groups = _components(together)
    return np.array(
        [[*boxes[groups == group, :2].min(axis=0), *boxes[groups == group, 2:].max(axis=0)] for group in range(count)],
        dtype=np.int64,
    )


def _components(together: NDArray[np.bool_]) -> tuple[int, NDArray[np.int32]]:
    count, groups = connected_components(together, directed=False)
    return int(count), groups


def _paper(grey: NDArray[np.float64], window: float) -> NDArray[np.float64]:
    """Return how bright the paper is at each pixel: strokes filled from their surroundings, on a coarse grid."""
    step = max(1, round(window / 24))
    small = block_reduce(grey, (step, step), np.max)
    width = max(3, round(window / step))
    smooth = ndimage.gaussian_filter(ndimage.grey_closing(small, size=(width, width)), width / 8)
    zoomed = ndimage.zoom(smooth, np.array(grey.shape) / np.array(smooth.shape), order=1)
    paper: NDArray[np.float64] = zoomed[: grey.shape[0], : grey.shape[1]]
    return paper


def _sizes(boxes: Boxes) -> tuple[Boxes, Boxes]:
    """Return heights and widths."""
    return boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
