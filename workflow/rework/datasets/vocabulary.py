"""Words as numbers: the vocabulary of captions and their encoding."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

SPECIAL = ("<pad>", "<start>", "<end>", "<unknown>")
PADDING, START, END, UNKNOWN = range(4)


def vocabulary_of(captions: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return the special words, then every word of some captions in lower case, in alphabetical order.

    >>> vocabulary_of([["A", "river"], ["a", "bridge"]])
    ('<pad>', '<start>', '<end>', '<unknown>', 'a', 'bridge', 'river')
    """
    return (*SPECIAL, *sorted({word.lower() for caption in captions for word in caption}))


def encode(caption: Sequence[str], words: Sequence[str], length: int) -> NDArray[np.int64]:
    """Return the numbers of the words of a caption between start and end, padded, shape (length,).

    >>> encode(["A", "tank"], ("<pad>", "<start>", "<end>", "<unknown>", "a"), 5).tolist()
    [1, 4, 3, 2, 0]
    """
    # A text may hold a word that looks like a special one.
    numbers = {word: number for number, word in enumerate(words) if number >= len(SPECIAL)}
    found = [START, *(numbers.get(word.lower(), UNKNOWN) for word in caption), END]
    return np.array(found + [PADDING] * (length - len(found)), np.int64)


def decode(numbers: Iterable[int], words: Sequence[str]) -> list[str]:
    """Return the words up to the end, without the start.

    >>> decode([1, 4, 2, 0], ("<pad>", "<start>", "<end>", "<unknown>", "a"))
    ['a']
    """
    caption = []
    for number in numbers:
        if number == END:
            break
        if number != START:
            caption.append(words[number])
    return caption
