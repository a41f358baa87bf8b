"""Texts as numbers of words, as in the course's exercise on sentiment: without punctuation, and padded in front."""

import string
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

PADDING = 0
"""What stands in front of short texts; the words are numbered from 1."""
_BLANKS = str.maketrans(dict.fromkeys(string.punctuation + string.digits, " "))


def plain_words(text: str) -> list[str]:
    """Return the words of a text in lower case; punctuation and digits only separate them.

    >>> plain_words("Isn't it 10/10?<br />Yes")
    ['isn', 't', 'it', 'br', 'yes']
    """
    return text.lower().translate(_BLANKS).split()


def words_by_frequency(texts: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return every word once, frequent ones first; of equally frequent ones, the one that occurs first.

    >>> words_by_frequency([["a", "dull", "film"], ["film"]])
    ('film', 'a', 'dull')
    """
    counts = Counter(word for text in texts for word in text)
    return tuple(word for word, _ in counts.most_common())


def numbered(words: Sequence[str]) -> Mapping[str, int]:
    """Return the number of each word of a vocabulary, from 1.

    >>> numbered(("film", "a"))
    {'film': 1, 'a': 2}
    """
    return {word: number for number, word in enumerate(words, start=1)}


def padded(numbers: Sequence[int], length: int) -> NDArray[np.int32]:
    """Return the first ``length`` numbers of a text, with padding in front of fewer, shape (length,).

    >>> padded([5, 6], 4).tolist(), padded([5, 6, 7], 2).tolist()
    ([0, 0, 5, 6], [5, 6])
    """
    row = np.full(length, PADDING, np.int32)
    kept = numbers[:length]
    row[length - len(kept) :] = kept
    return row
