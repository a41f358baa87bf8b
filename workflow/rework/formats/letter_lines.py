"""Reading and writing Taskar's OCR letters, ``letter.data.gz``.

There is one tab-separated line per handwritten letter: id, letter, id of the next letter of the word (-1 at its end),
number of the word, position in the word (from 1), fold (0-9), then 16 x 8 binary pixels row by row. Source: Kassel's
MIT collection, cleaned by Taskar, Guestrin and Koller, "Max-margin Markov networks" (2003).
"""

import gzip
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rework.errors import DataError
from rework.formats.decoding import declared
from rework.messages import short_text

HEIGHT, WIDTH = 16, 8
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
FOLDS = 10
LARGEST = 32 * 2**20  # bytes of text; the official file has 14 MB
_NUMBER = re.compile(r" *[+-]?[0-9]{1,9} *")
_COLUMNS = 6 + HEIGHT * WIDTH
_PIXEL_TEXT = 2 * HEIGHT * WIDTH - 1  # one digit per pixel and a tab between two


@dataclass(frozen=True)
class LetterLines:
    """All letters of a file, in its order.

    ``images`` is uint8 N x 16 x 8 of 0 and 1, ``letters`` int64 N (0 is a), ``folds`` int64 N, and word w holds the
    letters ``offsets[w]:offsets[w + 1]`` (int64, one more than there are words).
    """

    images: NDArray[np.uint8]
    letters: NDArray[np.int64]
    folds: NDArray[np.int64]
    offsets: NDArray[np.int64]


def read_letter_lines(path: Path) -> LetterLines:
    """Read and check a ``letter.data.gz`` (or the same text uncompressed).

    Raises:
        DataError: the file is missing, cannot be decompressed, holds more than ``LARGEST`` bytes of text, a line is not
            as described above, or the next ids do not chain the lines into words at positions 1, 2, 3 … within one
            fold; the message gives the number of the line.
    """
    head: list[list[str]] = []
    pixel_text: list[str] = []
    for number, line in enumerate(_lines(path), start=1):
        fields = line.split("\t", 6)
        pixels = fields[-1].rstrip("\t")
        if len(fields) != 7 or len(pixels) != _PIXEL_TEXT:
            count = len(line.rstrip("\t").split("\t"))
            hint = "pixels of one digit each" if count == _COLUMNS else f"{_COLUMNS} tab-separated columns"
            raise DataError(f"{path}: line {number} has {count} columns; expected {hint}")
        if len(fields[1]) != 1 or fields[1] not in ALPHABET:
            raise DataError(f"{path}: line {number}: letter {short_text(fields[1])}; expected one of a-z")
        head.append(fields[:6])
        pixel_text.append(pixels)
    if not head:
        raise DataError(f"{path}: empty; expected one line per letter with {_COLUMNS} tab-separated columns")
    numbers = _integers(path, head)
    _check_words(path, numbers)
    first = np.flatnonzero(numbers["position"] == 1)
    return LetterLines(
        images=_pixels(path, pixel_text),
        letters=np.array([ord(fields[1]) - ord("a") for fields in head], dtype=np.int64),
        folds=numbers["fold"],
        offsets=np.append(first, len(head)).astype(np.int64),
    )


def write_letter_lines(path: Path, lines: LetterLines) -> None:
    """Write letters in the official format, for the embedded sample. Equal letters give equal bytes."""
    text: list[str] = []
    word_of_letter = np.repeat(np.arange(len(lines.offsets) - 1), np.diff(lines.offsets))
    for index, word in enumerate(word_of_letter):
        last = index + 1 == lines.offsets[word + 1]
        columns = [
            str(index + 1),
            ALPHABET[lines.letters[index]],
            "-1" if last else str(index + 2),
            str(word + 1),
            str(index - lines.offsets[word] + 1),
            str(lines.folds[index]),
            *map(str, lines.images[index].ravel()),
        ]
        text.append("\t".join(columns) + "\t\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("".join(text).encode(), mtime=0))


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines of the file; they are not held all at once, since short ones would take many times their size."""
    # Some files have no published checksum, and 300 kB can unpack to anything.
    with declared(path, "a damaged gzip file", "delete it and fetch it again"), path.open("rb") as plain:
        packed = plain.peek(2)[:2] == b"\x1f\x8b"
        with gzip.GzipFile(fileobj=plain) if packed else plain as stream:
            content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise DataError(f"{path}: holds more than {LARGEST:,} bytes of text, more than any file of letters")
    try:
        content.decode("ascii")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not a text file of letters (byte {error.start} is not ASCII)") from None
    for line in io.BytesIO(content):
        yield line.decode("ascii").rstrip("\r\n")


def _integers(path: Path, head: list[list[str]]) -> dict[str, NDArray[np.int64]]:
    """Return the numeric columns as arrays."""
    columns = {}
    for name, column in {"id": 0, "next_id": 2, "word": 3, "position": 4, "fold": 5}.items():
        values = np.empty(len(head), dtype=np.int64)
        for index, fields in enumerate(head):
            # Nine digits are more than any letter's, and fit; without this, a number may have millions.
            if not _NUMBER.fullmatch(fields[column]):
                raise DataError(
                    f"{path}: line {index + 1}: {name} is {short_text(fields[column])}; expected a whole number of at "
                    "most nine digits"
                )
            values[index] = int(fields[column])
        columns[name] = values
    return columns


def _check_words(path: Path, numbers: dict[str, NDArray[np.int64]]) -> None:
    """Check folds, and that the next ids chain consecutive lines into words."""
    position, fold, next_id = numbers["position"], numbers["fold"], numbers["next_id"]
    _refuse(path, (fold < 0) | (fold >= FOLDS), "fold", fold, f"0 to {FOLDS - 1}")
    follows = np.append(False, next_id[:-1] != -1)  # this line continues the word of the line above
    expected = np.ones_like(position)
    for index in np.flatnonzero(follows):
        expected[index] = expected[index - 1] + 1
    _refuse(path, position != expected, "position", position, "1 at a word's start, else one more than above", expected)
    chained = np.append(next_id[:-1] == numbers["id"][1:], False)
    _refuse(path, (next_id != -1) & ~chained, "next_id", next_id, "-1 or the id of the following line")
    inside = np.flatnonzero(follows)
    for name in ("fold", "word"):
        wrong = np.zeros(len(position), dtype=bool)
        wrong[inside] = numbers[name][inside] != numbers[name][inside - 1]
        _refuse(path, wrong, name, numbers[name], "the same for all letters of a word")


def _refuse(
    path: Path,
    wrong: NDArray[np.bool_],
    name: str,
    values: NDArray[np.int64],
    expected: str,
    wanted: NDArray[np.int64] | None = None,
) -> None:
    """Raise a DataError that names the first wrong line, if there is one."""
    if not wrong.any():
        return
    index = int(np.argmax(wrong))
    detail = "" if wanted is None else f" (here {wanted[index]})"
    raise DataError(f"{path}: line {index + 1}: {name} is {values[index]}; expected {expected}{detail}")


def _pixels(path: Path, pixel_text: list[str]) -> NDArray[np.uint8]:
    """Return the pixel columns as N x 16 x 8 zeros and ones."""
    characters = np.frombuffer("".join(pixel_text).encode(), dtype=np.uint8).reshape(len(pixel_text), _PIXEL_TEXT)
    pixels = characters[:, ::2] - np.uint8(ord("0"))
    wrong = (pixels > 1).any(axis=1) | (characters[:, 1::2] != ord("\t")).any(axis=1)
    if wrong.any():
        raise DataError(f"{path}: line {int(np.argmax(wrong)) + 1}: expected {HEIGHT * WIDTH} pixels, each 0 or 1")
    return pixels.reshape(-1, HEIGHT, WIDTH)
