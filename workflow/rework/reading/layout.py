"""Lines and words of letters, by the places of their boxes alone."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skimage.filters import threshold_otsu

Boxes = NDArray[np.int64]
# In letter heights: a gap within a word is no wider than this, unless the whole page is written more widely ...
WORD_GAP = 0.75
# ... and where even the median gap of a page is as wide as this, each letter stands by itself.
SINGLE_LETTERS = 0.75


@dataclass(frozen=True)
class Word:
    """Numbers of the boxes of a word, from left to right."""

    boxes: tuple[int, ...]

    def __len__(self) -> int:
        """Return the number of letters."""
        return len(self.boxes)


@dataclass(frozen=True)
class Line:
    """Words of a line, from left to right."""

    words: tuple[Word, ...]

    def __len__(self) -> int:
        """Return the number of letters."""
        return sum(map(len, self.words))


def group_lines(boxes: Boxes) -> tuple[Line, ...]:
    """Return the lines of letters from top to bottom.

    Args:
        boxes: top, left, bottom, right of each letter, shape (N, 4).
    """
    rows = [np.array(sorted(row, key=lambda box: (boxes[box, 1] + boxes[box, 3], box))) for row in _rows(boxes)]
    rows.sort(key=lambda row: float(np.median(_centres(boxes[row])[:, 0])))
    gaps = [boxes[row[1:], 1] - boxes[row[:-1], 3] for row in rows]
    if not rows:
        return ()
    height = float(np.median(boxes[:, 2] - boxes[:, 0]))
    limit = height * word_gap(np.concatenate(gaps) / height)
    return tuple(Line(_words(row, found > limit)) for row, found in zip(rows, gaps, strict=True))


def word_gap(gaps: NDArray[np.float64]) -> float:
    """Return the gap from which on letters belong to different words, in letter heights like ``gaps``.

    The gaps of a page are of two kinds, whoever wrote them. Otsu's threshold divides them, but may touch one kind; the
    middle between their means is as far as can be from both.
    """
    if not len(gaps):
        return WORD_GAP
    if np.median(gaps) > SINGLE_LETTERS:
        return float(gaps.min()) - 1
    if gaps.max() <= WORD_GAP:
        return WORD_GAP
    narrow = gaps <= threshold_otsu(gaps)
    return max(WORD_GAP, float(gaps[narrow].mean() + gaps[~narrow].mean()) / 2)


def _rows(boxes: Boxes) -> list[list[int]]:
    """Return the letters of each line: chains of neighbours, from left to right.

    A letter goes on the line whose last letters it stands beside; so a line may rise or fall.
    """
    rows: list[list[int]] = []
    for box in np.argsort(boxes[:, 1], kind="stable").tolist():
        best, found = 0.0, None
        for row in rows:
            shared = _shared_height(boxes[row[-3:]], boxes[box])
            if shared > best:
                best, found = shared, row
        if found is not None and best > 0.35:
            found.append(box)
        else:
            rows.append([box])
    return rows


def _shared_height(ends: Boxes, box: Boxes) -> float:
    """Return by which share of its height a letter stands beside the mean of the last letters of a line."""
    top, bottom = ends[:, 0].mean(), ends[:, 2].mean()
    shared = min(bottom, box[2]) - max(top, box[0])
    return float(shared / min(bottom - top, box[2] - box[0]))


def _words(row: NDArray[np.int64], ends: NDArray[np.bool_]) -> tuple[Word, ...]:
    """Return the words of a row; ``ends`` says which gaps divide words."""
    cuts = [0, *(np.flatnonzero(ends) + 1).tolist(), len(row)]
    return tuple(Word(tuple(row[start:stop].tolist())) for start, stop in itertools.pairwise(cuts))


def _centres(boxes: Boxes) -> NDArray[np.float64]:
    return (boxes[:, :2] + boxes[:, 2:]) / 2
