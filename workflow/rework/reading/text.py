"""Texts of pages, and how far a text that was read is from the one that stands there."""

from collections.abc import Sequence

from rework.reading.layout import Line


def joined(lines: Sequence[Line], characters: Sequence[str]) -> str:
    """Return the text of a page: words divided by blanks, lines by line ends; ``characters`` are those of the boxes."""
    return "\n".join(" ".join("".join(characters[box] for box in word.boxes) for word in line.words) for line in lines)


def edit_distance(first: str, second: str) -> int:
    """Return the least number of insertions, deletions and replacements that make one text the other (Levenshtein)."""
    row = list(range(len(second) + 1))
    for number, character in enumerate(first, start=1):
        diagonal, row[0] = row[0], number
        for place, other in enumerate(second, start=1):
            diagonal, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, diagonal + (character != other))
    return row[-1]


def character_accuracy(read: str, truth: str) -> float:
    """Return 1 - edit distance / length of the truth, not below 0; blanks and line ends do not count."""
    read, truth = "".join(read.split()), "".join(truth.split())
    return max(0.0, 1 - edit_distance(read, truth) / len(truth))
