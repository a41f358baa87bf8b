"""Cutting letters out, in the size, the margins and the stroke width of the training pictures."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.transform import resize

from rework.reading.letters import Letters

SIDE = 32
MARGIN = 4  # pixels of white on the longer side of a letter, as in the training pictures
STROKE = 3.0  # width of a stroke in the result


def letter_crops(letters: Letters) -> NDArray[np.uint8]:
    """Return each letter upright, dark on white, as bytes of shape (N, 1, 32, 32)."""
    crops = [_crop(letters.ink[top:bottom, left:right]) for top, left, bottom, right in letters.boxes]
    return np.stack(crops)[:, None] if crops else np.empty((0, 1, SIDE, SIDE), dtype=np.uint8)


def _crop(ink: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return one letter: thickened or thinned to the usual stroke, scaled, and put into the middle of white."""
    inner = SIDE - 2 * MARGIN
    scale = inner / max(ink.shape)
    width = stroke_width(ink) * scale
    padding = max(2, round(STROKE / scale))
    padded = np.pad(ink, padding)
    # Distance to the stroke's edge, positive inside: a level of it is the stroke made wider or narrower.
    distance = ndimage.distance_transform_edt(padded) - ndimage.distance_transform_edt(~padded)
    change = (STROKE - width) / 2 / scale
    soft = np.clip(distance + change + 0.5, 0, 1) if change > 0 else padded.astype(np.float64)
    side = round(SIDE / scale)
    square = _in_the_middle(soft, max(side, *soft.shape))
    small = resize(square, (SIDE, SIDE), order=1, anti_aliasing=True)
    crop: NDArray[np.uint8] = np.rint(255 * (1 - np.clip(small, 0, 1))).astype(np.uint8)
    return crop


def stroke_width(ink: NDArray[np.bool_]) -> float:
    """Return the width of the strokes of a letter in pixels, from the mean distance of ink to what is not ink."""
    distances = ndimage.distance_transform_edt(np.pad(ink, 1))
    # Across a stroke of w pixels the distances are 1, 2, ... and back to 1; their mean is (w + 2) / 4.
    return float(4 * distances[distances > 0].mean() - 2) if ink.any() else 0.0


def _in_the_middle(values: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    square = np.zeros((side, side))
    top, left = ((side - size) // 2 for size in values.shape)
    square[top : top + values.shape[0], left : left + values.shape[1]] = values
    return square
