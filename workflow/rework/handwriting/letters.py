"""Finding the letters on a photograph of handwriting (nist36, Q4.2), robust to uneven light and to specks.

The steps are the writeup's, in its order: denoise, grey, Otsu's threshold, closing, labelling, dropping small pieces. A
Gaussian blur replaces its bilateral filter, which takes minutes for a photograph and keeps edges that the threshold
finds anyway. Two things are added: the light of the paper is divided out before the threshold, so that a shadow does
not count as ink, and the pieces of a broken letter are joined according to their positions. Sizes are shares of the
picture's size or of the letters' height.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from skimage.filters import threshold_otsu

from rework.errors import DataError

# Shares of the square root of the picture's area.
BLUR = 1 / 1500  # standard deviation of the blur that denoises; a stroke is about ten times as wide
CLOSING = 1 / 700  # gaps in a stroke up to this width are closed
PAPER = 1 / 6  # side of the square around a pixel whose brightness is the paper's; letters fill less than half of it
SMALLEST_HEIGHT = 1 / 120  # of a letter
PAPER_SIDE = 160  # the picture is reduced to about this size to find the light of the paper, which varies slowly
# Shares of the paper's brightness, and of its grain (a standard deviation, robustly estimated).
LEAST_CONTRAST = 0.08
GRAIN = 5.0
# Shares of the letters' height.
SMALLEST = 0.4  # of the longer side of a letter; dots are smaller
PIECE = 0.1  # of the longer side of a piece of a letter; specks are smaller
LARGEST = 5.0  # of the longer side; the edge of the paper, a frame or a ruled line is longer
GAP = 0.25  # between a letter and a piece above or below it
TALLEST = 1.6  # of what joined pieces may amount to
MOST_PIECES = 4000  # of ink on one page that may be letters or parts of them; each is compared with each other one
SHARED = 0.5  # a piece overlaps the rest of its letter horizontally by this share of its width

Boxes = NDArray[np.int64]
_EVERY_NEIGHBOUR = np.ones((3, 3), dtype=bool)


@dataclass(frozen=True)
class Letters:
    """The letters found on a picture.

    Attributes:
        boxes: top, left, bottom (exclusive) and right (exclusive) of each letter, (N, 4), in the order in which a scan
            of the rows meets them.
        ink: which pixels are ink of letters, (H, W).
        left_out: share of all dark pixels that belong to no letter: specks, lines, frames, the table beside the paper.
    """

    boxes: Boxes
    ink: NDArray[np.bool_]
    left_out: float = 0.0


def find_letters(picture: NDArray[np.uint8]) -> Letters:
    """Return the letters of a picture (H x W x 3, RGB): dark, separate letters on a lighter ground.

    Raises:
        DataError: the picture has more than ``MOST_PIECES`` pieces of ink of the size of a letter or a part of one.
    """
    scale = float(np.sqrt(picture.shape[0] * picture.shape[1]))
    ink = _ink(_without_shadows(picture, scale), scale)
    pieces, _ = ndimage.label(ink, _EVERY_NEIGHBOUR)
    places = piece_boxes(pieces)
    # Pieces that touch the edge of the picture may be the table beside the paper.
    within = (places[:, :2] > 0).all(axis=1) & (places[:, 2:] < picture.shape[:2]).all(axis=1)
    height = _letter_height(places[within] if within.any() else places, SMALLEST_HEIGHT * scale)
    groups = _groups(places, height)
    boxes = _outlines(places, groups)
    accepted = _longer_sides(boxes) >= max(SMALLEST * height, SMALLEST_HEIGHT * scale)
    # Maps the number of a piece to whether it is part of a letter; 0 is the paper.
    kept = np.concatenate([[False], (groups >= 0) & accepted[groups]]) if len(boxes) else np.zeros(1, dtype=bool)
    letters = kept[pieces] if len(boxes) else np.zeros_like(ink)
    return Letters(boxes[accepted], letters, _share_outside(letters, ink))


def _share_outside(letters: NDArray[np.bool_], ink: NDArray[np.bool_]) -> float:
    """Return the share of the ink that belongs to no letter; none of no ink."""
    return 1.0 - float(letters.sum() / ink.sum()) if ink.any() else 0.0


def piece_boxes(pieces: NDArray[np.signedinteger]) -> Boxes:
    """Return the box of each piece, (N, 4), of a picture whose pixels are labelled from 0 (no piece) to N."""
    found = [(rows.start, columns.start, rows.stop, columns.stop) for rows, columns in ndimage.find_objects(pieces)]
    return np.array(found, dtype=np.int64).reshape(-1, 4)


def _without_shadows(picture: NDArray[np.uint8], scale: float) -> NDArray[np.float32]:
    """Return the brightness of each pixel as a share of the paper's brightness around it, (H, W)."""
    grey = Image.fromarray(picture).convert("L")
    factor = max(1, round(scale / PAPER_SIDE))
    reduced = np.asarray(grey.reduce(factor), dtype=np.float32)
    side = max(3, round(PAPER * scale / factor))
    # Letters cover less than half of any such square, so its brighter part is paper.
    paper = ndimage.percentile_filter(reduced, 75, size=side)
    smooth = ndimage.gaussian_filter(paper, side / 4)
    light = np.asarray(Image.fromarray(smooth).resize(grey.size, Image.Resampling.BILINEAR))
    denoised = ndimage.gaussian_filter(np.asarray(grey, dtype=np.float32), BLUR * scale)
    shares: NDArray[np.float32] = denoised / np.maximum(light, 1)
    return shares


def _ink(brightness: NDArray[np.float32], scale: float) -> NDArray[np.bool_]:
    """Return which pixels are ink, (H, W); none if the darkest are only the grain of the paper."""
    if np.ptp(brightness) == 0:
        return np.zeros(brightness.shape, dtype=bool)
    paper = float(np.median(brightness))
    grain = 1.4826 * float(np.median(np.abs(brightness - paper)))
    least = max(LEAST_CONTRAST * paper, GRAIN * grain)
    # Otsu's threshold for the whole picture is used unless it lies within the grain.
    dark = brightness < min(float(threshold_otsu(brightness)), paper - least)
    reach = max(1, round(CLOSING * scale / 2))
    closed = ndimage.maximum_filter(dark, 2 * reach + 1)
    # Pixels beyond the edge count as ink; otherwise letters there would lose their outermost pixels.
    result: NDArray[np.bool_] = ndimage.minimum_filter(closed, 2 * reach + 1, mode="constant", cval=1)
    return result


def _letter_height(places: Boxes, smallest: float) -> float:
    """Return the median height of the pieces that are not too small for a letter; 0 if there are none.

    Each is weighted by the square root of its longer side, so that specks count less than letters and a frame around
    the page does not outweigh all its letters.
    """
    heights, sides = places[:, 2] - places[:, 0], _longer_sides(places)
    large = sides >= smallest
    if not large.any():
        return 0.0
    order = np.argsort(heights[large], kind="stable")
    sums = np.cumsum(np.sqrt(sides[large][order]))
    return float(heights[large][order][np.searchsorted(sums, sums[-1] / 2)])


def _groups(places: Boxes, height: float) -> NDArray[np.int64]:
    """Return the number of the letter that each piece belongs to, (N); -1 for pieces too small or too large."""
    groups = np.full(len(places), -1, dtype=np.int64)
    sides = _longer_sides(places)
    pieces = np.flatnonzero((sides >= max(1.0, PIECE * height)) & (sides <= LARGEST * height))
    if len(pieces) > MOST_PIECES:
        raise DataError(
            f"{len(pieces):,} pieces of ink, expected at most {MOST_PIECES:,} of a page: is this a picture of dark "
            "letters on plain paper?"
        )
    groups[pieces] = np.arange(len(pieces))
    while True:
        boxes = _outlines(places, groups)
        first, second = np.nonzero(_belong_together(boxes, height))
        if not len(first):
            return groups
        links = coo_array((np.ones(len(first)), (first, second)), shape=(len(boxes), len(boxes)))
        _, joined = connected_components(links, directed=False)
        groups[pieces] = joined[groups[pieces]]


def _belong_together(boxes: Boxes, height: float) -> NDArray[np.bool_]:
    """Return for each pair of boxes whether they are pieces of one letter, (N, N).

    They are if one lies inside the other, or above it with hardly a gap, and together they are no taller than a letter.
    """
    top, left, bottom, right = (side[:, None] for side in boxes.T)
    shared_width = np.minimum(right, right.T) - np.maximum(left, left.T)
    gap = np.maximum(top, top.T) - np.minimum(bottom, bottom.T)
    narrower = np.minimum(right - left, (right - left).T)
    tall = np.maximum(bottom, bottom.T) - np.minimum(top, top.T)
    lower = np.minimum(bottom - top, (bottom - top).T)
    together: NDArray[np.bool_] = (
        (shared_width >= SHARED * narrower)
        & (gap <= GAP * height)
        & ((tall <= TALLEST * height) | (-gap >= SHARED * lower))
    )
    np.fill_diagonal(together, False)
    return together


def _outlines(places: Boxes, groups: NDArray[np.int64]) -> Boxes:
    """Return the box around the pieces of each group, (groups, 4)."""
    chosen = groups >= 0
    count = int(groups.max(initial=-1)) + 1
    boxes = np.empty((count, 4), dtype=np.int64)
    boxes[:, :2], boxes[:, 2:] = np.iinfo(np.int64).max, -1
    for side, outermost in enumerate((np.minimum, np.minimum, np.maximum, np.maximum)):
        outermost.at(boxes[:, side], groups[chosen], places[chosen, side])
    return boxes


def _longer_sides(boxes: Boxes) -> NDArray[np.int64]:
    sides: NDArray[np.int64] = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    return sides
