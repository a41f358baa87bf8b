"""Texts of pages, and how far a text that was read is from the one that stands there."""

from collections.abc import Sequence

from rework.handwriting.layout import Line


def joined(lines: Sequence[Line], characters: Sequence[str]) -> str:
    """Return the text of a page: words divided by blanks, lines by newlines; ``characters`` are those of the boxes."""
    return "\n".join(" ".join("".join(characters[box] for box in word.boxes) for word in line.words) for line in lines)


def edit_distance(a: str, b: str) -> int:
    """Return the smallest number of insertions, deletions and replacements that make one text the other."""
    # Distances of the beginnings of ``b`` to the beginning of ``a`` that the loop has come to.
    distances = list(range(len(b) + 1))
    for row, left in enumerate(a, start=1):
        corner, distances[0] = distances[0], row
        for column, right in enumerate(b, start=1):
            replaced = corner + (left != right)
            corner = distances[column]
            distances[column] = min(replaced, corner + 1, distances[column - 1] + 1)
    return distances[-1]


def character_accuracy(read: str, truth: str) -> float:
    """Return 1 - edit distance / length of the truth, but not below 0; blanks and newlines count in neither text.

    Raises:
        ValueError: the truth has no characters.
    """
    read, truth = "".join(read.split()), "".join(truth.split())
    if not truth:
        raise ValueError("the true text has no characters")
    return max(0.0, 1 - edit_distance(read, truth) / len(truth))
