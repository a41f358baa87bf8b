"""A page of text: its letters in reading order, their lines, and what they look like."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rework.reading.crops import letter_crops
from rework.reading.layout import Line, Word, group_lines
from rework.reading.letters import Letters, find_letters


@dataclass(frozen=True)
class Page:
    """Boxes (N, 4) in reading order, lines of numbers of boxes, crops (N, 1, 32, 32), and the ink, bool (H, W)."""

    boxes: NDArray[np.int64]
    lines: tuple[Line, ...]
    crops: NDArray[np.uint8]
    ink: NDArray[np.bool_]


def read_page(picture: NDArray[np.uint8]) -> Page:
    """Find the letters of a picture (RGB bytes, H x W x 3), group them, and cut them out."""
    found = find_letters(picture)
    lines = group_lines(found.boxes)
    order = [box for line in lines for word in line.words for box in word.boxes]
    places = {box: place for place, box in enumerate(order)}
    ordered = tuple(
        Line(tuple(Word(tuple(places[box] for box in word.boxes)) for word in line.words)) for line in lines
    )
    boxes = found.boxes[order]
    return Page(boxes, ordered, letter_crops(Letters(boxes, found.ink)), found.ink)
