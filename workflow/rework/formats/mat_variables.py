"""Matrices of numbers in MATLAB files of version 5, read without the C code of scipy, which a damaged file can crash.

A file is a header of 128 bytes and elements: a tag of 8 bytes (type, size) and as many bytes. An element is a matrix
or a compressed one; a matrix consists of elements in turn: flags with the class, dimensions, name and values. Source:
MathWorks, MAT-File Format, 2019. Every size is compared with what there is before anything of that size is made.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rework.errors import DataError
from rework.messages import short_reason, short_text

HEADER = 128  # bytes
MOST_DIMENSIONS = 32
MOST_VARIABLES = 1000
_HDF5 = b"\x89HDF\r\n\x1a\n"
_INT8, _INT32, _UINT32, _MATRIX, _COMPRESSED = 1, 5, 6, 14, 15
_NAMES = (_INT8, 2, 16)  # the last is UTF-8
# How values are stored, by the type in their tag; MATLAB stores numbers in the smallest type that holds them.
_STORED = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
# Which classes are matrices of numbers, and their types.
_NUMBERS = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
_NAMED_CLASSES = range(1, 16)  # those above are objects of other forms
_COMPLEX = 0x0800
SAVE_AGAIN = "save it in MATLAB with -v7"


@dataclass(frozen=True)
class _Element:
    kind: int
    content: memoryview


class _DamageError(Exception):
    """What is wrong with a file."""


def read_matrices(content: bytes, where: str, largest: int) -> dict[str, NDArray[np.generic] | None]:
    """Return the variables of a file by name; None for one that is no matrix of real numbers.

    Args:
        content: the content of the file.
        where: the name of the file in messages.
        largest: bytes that its compressed variables may unpack to, together, and that each matrix may have.

    Raises:
        DataError: this is no such file, it is damaged, unpacks to more, or holds a variable twice.
    """
    order = _order(content, where)
    found: dict[str, NDArray[np.generic] | None] = {}
    try:
        for element in _variables(content, order, largest):
            name, values = _matrix(element, order, largest)
            if name in found and name:
                raise _DamageError(f"it holds the variable {short_text(name)} twice")
            if len(found) >= MOST_VARIABLES:
                raise _DamageError(f"it holds more than {MOST_VARIABLES:,} variables")
            found[name] = values
    except _DamageError as error:
        raise DataError(f"{where}: a damaged MATLAB file: {error}; {SAVE_AGAIN}") from None
    return found


def _order(content: bytes, where: str) -> str:
    """Return the order of bytes that the header states."""
    if content.startswith(b"MATLAB 7.3") or _HDF5 in content[:2048]:
        raise DataError(f"{where}: a MATLAB file of version 7.3, expected one of version 5; {SAVE_AGAIN}")
    order = {b"IM": "<", b"MI": ">"}.get(content[126:128])
    if order is None or struct.unpack_from(f"{order}H", content, 124)[0] != 0x0100:
        found = short_text(content[:20]) if content else "nothing"
        raise DataError(f"{where}: not a MATLAB file of version 5 (it starts with {found}); {SAVE_AGAIN}")
    return order


def _variables(content: bytes, order: str, largest: int) -> Iterator[_Element]:
    """Yield the matrices of a file, unpacked."""
    rest, left = memoryview(content)[HEADER:], largest
    while rest:
        kind, size = _tag(rest, order)
        packed, rest = rest[8 : 8 + size], rest[8 + size :]
        if kind == _COMPRESSED:
            unpacked = _unpacked(packed, left, largest)
            left -= len(unpacked)
            yield _inner(unpacked, order)
        else:
            yield _Element(kind, packed)


def _tag(content: memoryview, order: str) -> tuple[int, int]:
    if len(content) < 8:
        raise _DamageError(f"{len(content)} bytes are left where a tag of 8 is expected")
    kind, size = struct.unpack_from(f"{order}II", content)
    if size > len(content) - 8:
        raise _DamageError(f"an element announces {size:,} bytes where {len(content) - 8:,} are left")
    return kind, size


def _unpacked(packed: memoryview, left: int, largest: int) -> bytes:
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(packed, left + 1)
    except zlib.error as error:
        raise _DamageError(f"a compressed variable cannot be unpacked ({short_reason(error)})") from None
    if len(content) > left:
        raise _DamageError(f"it unpacks to more than {largest:,} bytes, more than any file of this kind")
    if not stream.eof:
        raise _DamageError("a compressed variable breaks off")
    return content


def _inner(content: bytes, order: str) -> _Element:
    view = memoryview(content)
    kind, size = _tag(view, order)
    return _Element(kind, view[8 : 8 + size])


def _parts(content: memoryview, order: str) -> Iterator[_Element]:
    """Yield the elements inside a matrix; short ones have their size and content within the tag."""
    while content:
        if len(content) < 8:
            raise _DamageError(f"{len(content)} bytes are left in a variable where a tag of 8 is expected")
        (first,) = struct.unpack_from(f"{order}I", content)
        if first >> 16:
            if first >> 16 > 4:
                raise _DamageError(f"a short element announces {first >> 16} bytes, expected at most 4")
            yield _Element(first & 0xFFFF, content[4 : 4 + (first >> 16)])
            content = content[8:]
        else:
            kind, size = _tag(content, order)
            yield _Element(kind, content[8 : 8 + size])
            content = content[8 + size + -size % 8 :]


def _matrix(element: _Element, order: str, largest: int) -> tuple[str, NDArray[np.generic] | None]:
    """Return the name and values of a variable; no name for an object of another form."""
    if element.kind != _MATRIX:
        raise _DamageError(f"an element of type {element.kind} stands where a variable is expected")
    parts = _parts(element.content, order)
    flags = _next(parts, (_UINT32,), "flags")
    if len(flags.content) != 8:
        raise _DamageError(f"the flags of a variable have {len(flags.content)} bytes, expected 8")
    (bits,) = struct.unpack_from(f"{order}I", flags.content)
    if bits & 0xFF not in _NAMED_CLASSES:
        return "", None
    shape = _shape(_next(parts, (_INT32,), "dimensions"), order)
    name = bytes(_next(parts, _NAMES, "name").content).rstrip(b"\0").decode("utf-8", "backslashreplace")
    if bits & 0xFF not in _NUMBERS or bits & _COMPLEX:
        return name, None
    values = _next(parts, tuple(_STORED), f"values of {short_text(name)}")
    if next(parts, None) is not None:
        raise _DamageError(f"more follows the values of {short_text(name)}")
    stored = np.dtype(_STORED[values.kind]).newbyteorder(order)  # type: ignore[arg-type] # "<" or ">"
    if len(values.content) != math.prod(shape) * stored.itemsize:
        raise _DamageError(
            f"{short_text(name)} has {len(values.content):,} bytes of values, expected "
            f"{math.prod(shape) * stored.itemsize:,} for the dimensions {short_text(shape)}"
        )
    kind = np.dtype(_NUMBERS[bits & 0xFF])
    if math.prod(shape) * kind.itemsize > largest:
        raise _DamageError(
            f"{short_text(name)} unpacks to more than {largest:,} bytes, more than any file of this kind"
        )
    numbers = np.frombuffer(values.content, stored).reshape(shape, order="F")
    return name, numbers.astype(kind)


def _shape(element: _Element, order: str) -> tuple[int, ...]:
    count, rest = divmod(len(element.content), 4)
    if rest or not 2 <= count <= MOST_DIMENSIONS:
        raise _DamageError(f"{len(element.content)} bytes of dimensions, expected 2 to {MOST_DIMENSIONS} of 4 bytes")
    shape = struct.unpack(f"{order}{count}i", element.content)
    if min(shape) < 0:
        raise _DamageError(f"the dimensions {short_text(shape)}, expected none below 0")
    return shape


def _next(parts: Iterator[_Element], kinds: tuple[int, ...], what: str) -> _Element:
    found = next(parts, None)
    if found is None or found.kind not in kinds:
        raise _DamageError(f"no {what} where a variable has them")
    return found
