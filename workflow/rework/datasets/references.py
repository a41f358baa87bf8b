"""The captions that people wrote, of a stored data set of the layout ``captions``."""

from rework.datasets.store import StoredSplit


def references(split: StoredSplit) -> list[list[str]]:
    """Return the captions of each picture of a split, in lower case, words joined by blanks."""
    found: list[list[str]] = [[] for _ in split.inputs]
    for picture, text in zip(split.arrays["pictures"].tolist(), split.arrays["texts"].tolist(), strict=True):
        found[picture].append(text)
    return found
