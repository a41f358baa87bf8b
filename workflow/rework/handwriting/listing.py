"""Finding letters exactly as the writeup's listing of ``findLetters`` does (nist36, Q4.2, Figure 29).

The listing calls scikit-image: noise estimated from a wavelet, a bilateral filter, grey, Otsu's threshold, closing and
dilation by squares of fixed sizes, pieces by all eight neighbours, and a least area. The noise is estimated here
without PyWavelets, which scikit-image asks for. Its bilateral filter takes minutes for a photograph; the one here
computes the same for many pixels at once, and a test compares the two.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.color import rgb2gray
from skimage.filters import threshold_otsu

from rework.handwriting.letters import Boxes, piece_boxes

WINDOW = 5  # pixels a side of the bilateral filter
SIGMA_SPATIAL = 1.0  # pixels; scikit-image's default, which the listing keeps
CLOSING, DILATION = 5, 9  # pixels a side of the squares
LEAST_SHARE = 1 / 5  # of the mean area; smaller pieces are dropped

# Daubechies' wavelet with two vanishing moments, the high-pass filter.
_ROOT = math.sqrt(3.0)
_HIGH_PASS = tuple(value / (4 * math.sqrt(2)) for value in (-1 - _ROOT, 3 + _ROOT, _ROOT - 3, 1 - _ROOT))
_QUARTILE = 0.6744897501960817  # of the standard normal distribution: half its absolute values are below
_LEAST_SPREAD = 1e-9  # its square still has an inverse in single precision; no two levels are as close
_STRIP = 128  # rows that are denoised at once, which keeps what is in hand small
_EVERY_NEIGHBOUR = np.ones((3, 3), dtype=bool)

_Picture = NDArray[np.float32]


def find_letters_as_listed(picture: NDArray[np.uint8]) -> Boxes:
    """Return top, left, bottom (exclusive) and right (exclusive) of each letter, (N, 4), of a picture (H x W x 3, RGB).

    They are the boxes of the dilated pieces, so that they are four pixels larger on each side than the ink.
    """
    if (picture == picture[0, 0]).all():  # an even picture has no threshold, and no letters
        return np.empty((0, 4), dtype=np.int64)
    levels: _Picture = np.divide(picture, 255, dtype=np.float32)
    grey = rgb2gray(bilateral(levels, noise(levels)))
    dark = grey < threshold_otsu(grey)
    closed = _closed(dark, CLOSING)
    pieces, count = ndimage.label(ndimage.maximum_filter(closed, DILATION), _EVERY_NEIGHBOUR)
    if count == 0:
        return np.empty((0, 4), dtype=np.int64)
    areas = np.bincount(pieces.ravel())[1:]
    found: Boxes = piece_boxes(pieces)[areas >= areas.mean() * LEAST_SHARE]
    return found


def noise(levels: _Picture) -> float:
    """Return the standard deviation of the noise of a picture (H x W x 3), the mean over its channels.

    It is the median of the absolute diagonal details of the finest scale, divided by the one that noise of deviation 1
    has (Donoho and Johnstone 1994), as ``skimage.restoration.estimate_sigma`` has it.
    """
    deviations = []
    for channel in np.moveaxis(levels, -1, 0):
        details = _details(_details(channel.astype(np.float64), 0), 1)
        details = details[details != 0]
        deviations.append(float(np.median(np.abs(details))) / _QUARTILE if details.size else 0.0)
    return float(np.mean(deviations))


def bilateral(levels: _Picture, sigma_colour: float) -> _Picture:
    """Return a picture (H x W x 3, 0..1) whose pixels are means of their window, weighted by closeness and likeness.

    The weights are those of ``skimage.restoration.denoise_bilateral``, oddities included, since the writeup's boxes
    come from it: colours differ by a third of their Euclidean distance, the table of closeness is one wider than the
    window and is read as if it were not, pixels beyond the edge are black, and without noise the deviation of the
    picture stands in.
    """
    spread = 3 * (sigma_colour or float(levels.std()))
    if spread == 0:
        return levels
    spread = max(spread, _LEAST_SPREAD)
    reach = WINDOW // 2
    padded = np.pad(levels, ((reach, reach), (reach, reach), (0, 0)))
    denoised = np.empty_like(levels)
    for top in range(0, len(levels), _STRIP):
        denoised[top : top + _STRIP] = _means(levels[top : top + _STRIP], padded[top:], spread)
    return denoised


def _means(levels: _Picture, padded: _Picture, spread: float) -> _Picture:
    """Return the weighted means of the windows around the pixels of a strip; ``padded`` begins where they do."""
    height, width = levels.shape[:2]
    grid = np.square(np.arange(WINDOW + 1) - (WINDOW + 1) // 2)
    closeness = np.exp(-(grid[:, None] + grid) / (2 * SIGMA_SPATIAL**2)).ravel()
    total, weights = np.zeros_like(levels), np.zeros((height, width), dtype=np.float32)
    for place in range(WINDOW**2):
        down, right = divmod(place, WINDOW)
        other = padded[down : down + height, right : right + width]
        differences = other - levels
        weight = np.einsum("hwc,hwc->hw", differences, differences)
        weight *= np.float32(-1 / (2 * spread**2))
        np.exp(weight, out=weight)
        weight *= np.float32(closeness[place])
        total += weight[..., None] * other
        weights += weight
    means: _Picture = total / weights[..., None]
    return means


def _details(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Return every second value of the high-pass filter along an axis; the picture is mirrored at its edges."""
    taps = len(_HIGH_PASS)
    lines = np.pad(np.moveaxis(values, axis, 0), ((taps - 1, taps - 1), (0, 0)), mode="symmetric")
    count = (values.shape[axis] + taps - 1) // 2
    first = range(taps, 0, -1)  # where each tap starts: the filter is turned round, and ends at every odd pixel
    details = sum(tap * lines[start::2][:count] for tap, start in zip(_HIGH_PASS, first, strict=True))
    return np.moveaxis(np.asarray(details), 0, axis)


def _closed(dark: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    """Return the pixels dark after dilation and erosion by a square; what is beyond the edge changes neither."""
    closed: NDArray[np.bool_] = ndimage.minimum_filter(ndimage.maximum_filter(dark, side), side)
    return closed
