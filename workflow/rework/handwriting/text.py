"""The text of a page, and how close a text as read is to the true one."""

from collections.abc import Sequence

from rework.handwriting.layout import Line


def joined(lines: Sequence[Line], characters: Sequence[str]) -> str:
    """Return the text of a page, words separated by blanks and lines by newlines, given the character in each box."""
    return "\n".join(" ".join("".join(characters[box] for box in word.boxes) for word in line.words) for line in lines)


def edit_distance(a: str, b: str) -> int:
    """Return the smallest number of insertions, deletions and replacements that turn one text into the other.

    >>> edit_distance("kitten", "sitting")
    3
    """
    # Distances from the part of ``a`` read so far to each beginning of ``b``.
    distances = list(range(len(b) + 1))
    for row, left in enumerate(a, start=1):
        corner, distances[0] = distances[0], row
        for column, right in enumerate(b, start=1):
            replaced = corner + (left != right)
            corner = distances[column]
            distances[column] = min(replaced, corner + 1, distances[column - 1] + 1)
    return distances[-1]


def character_accuracy(read: str, truth: str) -> float:
    """Return 1 - edit distance / length of the truth, but at least 0; blanks and newlines are ignored in both texts.

    >>> character_accuracy(read="TO D0", truth="TODO")
    0.75

    Raises:
        ValueError: the truth has no characters.
    """
    read, truth = "".join(read.split()), "".join(truth.split())
    if not truth:
        raise ValueError("the true text has no characters")
    return max(0.0, 1 - edit_distance(read, truth) / len(truth))
