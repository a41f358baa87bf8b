"""Grouping letters into lines and words, from the positions of their boxes alone."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.int64]
LAST = 3  # the next letter is compared with this many of a line, which may therefore rise, fall and wobble
BESIDE = 0.3  # neighbours in a line overlap vertically by at least this share of the shorter one's height
# In units of the median height of the letters on a page.
WORD_GAP = 0.7  # a gap between words is wider than this; gaps within a word are about half of it
SINGLE_GAP = 0.7  # if the median gap is wider than this and there is only one kind of gap, the letters form no words
DISTINCT = 2.0  # the mean gap between words is at least this many times the mean gap within them


@dataclass(frozen=True)
class Word:
    """A word: the numbers of its boxes from left to right."""

    boxes: tuple[int, ...]

    def __len__(self) -> int:
        """Return the number of letters."""
        return len(self.boxes)


@dataclass(frozen=True)
class Line:
    """A line: its words from left to right."""

    words: tuple[Word, ...]

    def __len__(self) -> int:
        """Return the number of letters."""
        return sum(map(len, self.words))


def group_lines(boxes: Boxes) -> tuple[Line, ...]:
    """Return the lines of a page from top to bottom; every box is in exactly one word.

    Args:
        boxes: top, left, bottom (exclusive) and right (exclusive) of each letter, (N, 4), in any order.
    """
    if not len(boxes):
        return ()
    rows = _rows(boxes)
    rows.sort(key=lambda row: float(np.median(boxes[row, 0] + boxes[row, 2])))
    height = float(np.median(boxes[:, 2] - boxes[:, 0]))
    gaps = [(boxes[row[1:], 1] - boxes[row[:-1], 3]) / height for row in rows]
    limit = _word_gap(np.concatenate(gaps))
    return tuple(Line(_words(row, wide > limit)) for row, wide in zip(rows, gaps, strict=True))


def _rows(boxes: Boxes) -> list[list[int]]:
    """Return the boxes of each line from left to right.

    Each letter, from the left of the page to the right, joins the line whose last letters overlap most with it
    vertically, or begins a new line.
    """
    rows: list[list[int]] = []
    middles = boxes[:, 1] + boxes[:, 3]
    for box in np.lexsort((boxes[:, 0], middles)).tolist():
        shares = [_beside(boxes[row[-LAST:]], boxes[box]) for row in rows]
        best = int(np.argmax(shares)) if shares else -1
        if shares and shares[best] >= BESIDE:
            rows[best].append(box)
        else:
            rows.append([box])
    return rows


def _beside(last: Boxes, box: NDArray[np.int64]) -> float:
    """Return the vertical overlap of a box with the mean of others, as a share of the shorter one's height."""
    top, bottom = last[:, 0].mean(), last[:, 2].mean()
    shared = min(bottom, box[2]) - max(top, box[0])
    return float(shared / min(bottom - top, box[2] - box[0]))


def _word_gap(gaps: NDArray[np.float64]) -> float:
    """Return the widest gap within a word, from all gaps between neighbours on a page, in letter heights.

    A page is written by one person, so it has two kinds of gaps, within and between words. A page whose gaps are all
    about equally wide, and wide, holds single letters.
    """
    if not len(gaps):
        return WORD_GAP
    ordered = np.sort(gaps)
    cut = _two_kinds(ordered)
    narrow, wide = ordered[:cut], ordered[cut:]
    if len(narrow) and len(wide) and wide.mean() >= DISTINCT * max(narrow.mean(), 0):
        # Halfway between the two kinds; any limit between them divides the gaps in the same way.
        return max(WORD_GAP, float(narrow[-1] + wide[0]) / 2)
    return -np.inf if np.median(gaps) > SINGLE_GAP else WORD_GAP


def _two_kinds(ordered: NDArray[np.float64]) -> int:
    """Return how many of the values, in ascending order, belong to the smaller kind, by Otsu's criterion."""
    count = np.arange(1, len(ordered))
    sums = np.cumsum(ordered)
    smaller, larger = sums[:-1] / count, (sums[-1] - sums[:-1]) / (len(ordered) - count)
    variance = count * (len(ordered) - count) * (larger - smaller) ** 2
    return int(np.argmax(variance)) + 1 if len(variance) else 1


def _words(row: list[int], divided: NDArray[np.bool_]) -> tuple[Word, ...]:
    """Return the words of a line; ``divided`` tells for each of its gaps whether it separates words."""
    ends = [0, *(np.flatnonzero(divided) + 1).tolist(), len(row)]
    return tuple(Word(tuple(row[start:end])) for start, end in pairwise(ends))
