"""Reading a page of text: its letters in reading order, their lines and words, and a picture of each letter."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rework.errors import DataError
from rework.handwriting.crops import letter_crops
from rework.handwriting.layout import Line, Word, group_lines
from rework.handwriting.letters import Letters, find_letters


@dataclass(frozen=True)
class Page:
    """The letters found on a page.

    Attributes:
        boxes: one per letter in reading order, (N, 4): top, left, bottom (exclusive), right (exclusive).
        lines: from top to bottom; their words refer to the boxes by number, 0, 1, 2 and so on.
        crops: a picture of each letter in reading order, bytes (N, 1, 32, 32), dark on white.
        ink: which pixels of the page are letters' ink, (H, W).
        left_out: share of all dark pixels that belong to no letter.
    """

    boxes: NDArray[np.int64]
    lines: tuple[Line, ...]
    crops: NDArray[np.uint8]
    ink: NDArray[np.bool_]
    left_out: float = 0.0


def read_page(picture: NDArray[np.uint8], where: str = "the picture") -> Page:
    """Return the letters of a picture (H x W x 3, RGB); none on a blank page. ``where`` names it in messages.

    Raises:
        DataError: it holds far too many specks.
    """
    try:
        found = find_letters(picture)
    except DataError as error:
        raise DataError(f"{where}: {error}") from None
    lines = group_lines(found.boxes)
    order = [box for line in lines for word in line.words for box in word.boxes]
    numbers = {box: number for number, box in enumerate(order)}
    renumbered = tuple(
        Line(tuple(Word(tuple(numbers[box] for box in word.boxes)) for word in line.words)) for line in lines
    )
    boxes = found.boxes[order]
    return Page(boxes, renumbered, letter_crops(Letters(boxes, found.ink)), found.ink, found.left_out)
