"""Letters cut out of a picture, with the size, margins and stroke width of the training pictures."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from skimage.morphology import skeletonize

from rework.handwriting.letters import Letters, piece_boxes

SIDE = 32  # pixels of a crop
# In pixels of a crop; medians of the training letters (NIST).
LETTER = 25  # longer side of a letter
STROKE = 3.4  # width of a stroke
SOFTNESS = 0.5  # standard deviation of the blur that makes the edges of strokes as soft
_FINER = 4  # strokes are widened in a picture with this many pixels per pixel of the crop

_Mask = NDArray[np.bool_]


def letter_crops(letters: Letters) -> NDArray[np.uint8]:
    """Return an upright picture of each letter, dark (0) on white (255), bytes of shape (N, 1, 32, 32)."""
    pieces, _ = ndimage.label(letters.ink, np.ones((3, 3), dtype=bool))
    places = piece_boxes(pieces)
    crops = np.empty((len(letters.boxes), 1, SIDE, SIDE), dtype=np.uint8)
    for number, (top, left, bottom, right) in enumerate(letters.boxes):
        inside = (places[:, :2] >= (top, left)).all(axis=1) & (places[:, 2:] <= (bottom, right)).all(axis=1)
        # Leave out pieces of neighbouring letters that reach into the box.
        own = np.concatenate([[False], inside])
        crops[number, 0] = _crop(own[pieces[top:bottom, left:right]])
    return crops


def _crop(ink: _Mask) -> NDArray[np.uint8]:
    """Return one letter (H x W) centred on white, (32, 32)."""
    # Widening the strokes makes the letter larger; the second scaling takes that into account.
    fine = _scaled(ink, LETTER)
    fine = _scaled(ink, LETTER - (STROKE - stroke_width(fine) / _FINER))
    wide = _with_strokes(np.pad(fine, _FINER * SIDE // 2), STROKE * _FINER)
    return _reduced(wide)


def _scaled(ink: _Mask, longer: float) -> _Mask:
    """Return a letter scaled so that its longer side has the given length in pixels of a crop."""
    factor = max(1.0, longer) * _FINER / max(ink.shape)
    height, width = (max(1, round(side * factor)) for side in ink.shape)
    levels = Image.fromarray(ink.astype(np.float32)).resize((width, height), Image.Resampling.BILINEAR)
    # A threshold of half would lose strokes that become thinner than a pixel when a large letter is scaled down.
    scaled: _Mask = np.asarray(levels) > min(0.5, float(np.asarray(levels).max()) / 2)
    return scaled


def _with_strokes(ink: _Mask, width: float) -> _Mask:
    """Return a letter with strokes of the given width, widened or narrowed equally at each edge."""
    change = (width - stroke_width(ink)) / 2
    if change >= 0:
        wider: _Mask = ndimage.distance_transform_edt(~ink) <= change
        return wider
    # Keep the centre line, so that thin strokes beside thick ones do not vanish.
    narrower: _Mask = (ndimage.distance_transform_edt(ink) > -change) | _centre_line(ink)
    return narrower


def stroke_width(ink: _Mask) -> float:
    """Return the mean width of the strokes of a letter in pixels: its area over the length of its centre line.

    A blot has a centre line of few pixels; its strokes count as no wider than its longer side. Without this limit, a
    crop would be made from a picture scaled to thousands of pixels a side.
    """
    length = float(_centre_line(ink).sum())
    return min(float(ink.sum()) / max(length, 1.0), float(max(ink.shape)))


def _reduced(wide: _Mask) -> NDArray[np.uint8]:
    """Return a fine picture reduced to the pixels of a crop, with the letter's box in the middle."""
    (top, bottom), (left, right) = (np.flatnonzero(wide.any(axis=axis))[[0, -1]] for axis in (1, 0))
    side = SIDE * _FINER
    first_row, first_column = (top + bottom + 1 - side) // 2, (left + right + 1 - side) // 2
    cut = wide[first_row : first_row + side, first_column : first_column + side]
    shares = cut.reshape(SIDE, _FINER, SIDE, _FINER).mean(axis=(1, 3))
    # Beyond the crop all is white, so nothing is blurred in.
    soft = ndimage.gaussian_filter(shares, SOFTNESS, mode="constant")
    levels: NDArray[np.float64] = np.rint(255 * (1 - soft))
    return levels.astype(np.uint8)


def _centre_line(ink: _Mask) -> _Mask:
    line: _Mask = skeletonize(ink)
    return line
