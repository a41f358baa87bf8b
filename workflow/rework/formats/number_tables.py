"""Reading and writing comma-separated tables of numbers, with or without a line of names on top."""

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rework.errors import DataError
from rework.files import write_text
from rework.formats.decoding import read_bounded
from rework.formats.texts import decoded
from rework.messages import short_text

LARGEST = 2**20  # bytes of text; these tables are for tens or hundreds of rows


def read_numbers(path: Path, names: Sequence[str], header: bool) -> dict[str, NDArray[np.float64]]:
    """Return the columns of a table, each of shape (rows,), by name.

    Args:
        path: the file.
        names: of its columns, in order.
        header: whether its first line has these names.

    Raises:
        DataError: the file is missing, larger than ``LARGEST``, no text or without rows, its first line does not have
            the names, or a line does not have a number for each; the message gives the number of the line.
    """
    lines = _lines(path)
    if header and (not lines or lines[0].split(",") != list(names)):
        raise DataError(f"{path}: its first line is {short_text(lines[:1])}; expected {','.join(names)}")
    start = int(header)
    rows = [_numbers(path, number, line, len(names)) for number, line in enumerate(lines[start:], start + 1)]
    if not rows:
        raise DataError(f"{path}: holds no rows; expected lines of {len(names)} numbers: {', '.join(names)}")
    return dict(zip(names, np.array(rows, dtype=np.float64).T.copy(), strict=True))


def write_numbers(path: Path, columns: Mapping[str, NDArray[np.float64]], header: bool) -> None:
    """Write a table that ``read_numbers`` reads to equal numbers; whole ones are written without a point."""
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    lines = [",".join(columns)] if header else []
    lines += [",".join(repr(int(value)) if value.is_integer() else repr(value) for value in row) for row in rows]
    write_text(path, "\n".join(lines) + "\n")


def _lines(path: Path) -> list[str]:
    text = decoded(read_bounded(path, LARGEST), str(path))
    if not text.isascii():
        place = next(place for place, character in enumerate(text) if not character.isascii())
        raise DataError(f"{path}: not a table of numbers (character {place} is not ASCII)")
    return text.splitlines()


def _numbers(path: Path, number: int, line: str, count: int) -> list[float]:
    try:
        values = [float(text) for text in line.split(",")]
    except ValueError:
        raise DataError(f"{path}: line {number} is {short_text(line)}; expected {count} numbers") from None
    if len(values) != count or not all(map(isfinite, values)):
        raise DataError(f"{path}: line {number} is {line[:80]!r}; expected {count} finite numbers")
    return values
