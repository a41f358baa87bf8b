"""The idx format of MNIST and its relatives: a short header, then the bytes of one array.

The header is two zero bytes, a type code (0x08: unsigned bytes, the only type these data sets use), the number of
dimensions, and each dimension as a big-endian 32-bit number. Source: http://yann.lecun.com/exdb/mnist/ (at the end).
torchvision has a reader too, but importing it costs seconds and it checks little; a test compares this one with it.
"""

import gzip
import io
import math
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rework.errors import DataError
from rework.files import write_bytes
from rework.formats.decoding import declared

_TYPES = {0x08: "uint8", 0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}
_UNSIGNED_BYTES = 0x08
_Stream = io.BufferedReader | gzip.GzipFile
# A damaged header may announce terabytes; the largest file of this kind in use (EMNIST) holds 640 MB.
_LARGEST = 2**31


def read_idx(path: Path, shape: tuple[int | None, ...]) -> NDArray[np.uint8]:
    """Return the array of an idx file of unsigned bytes, plain or (if named ``….gz``) compressed.

    Args:
        path: the file.
        shape: the expected dimensions; None for any positive number.

    Raises:
        DataError: the file is missing, not gzip although its name says so, truncated, followed by further bytes, or
            its header is not that of unsigned bytes with the expected dimensions. The message names the file.
    """
    packed = path.suffix == ".gz"
    what = "not a whole gzip file" if packed else "cannot be read"
    with declared(path, what, "fetch it again"), path.open("rb") as plain:
        if not packed:
            return _read_stream(plain, path, shape)
        with gzip.GzipFile(fileobj=plain) as unpacked:
            return _read_stream(unpacked, path, shape)


def read_images(path: Path, height: int, width: int) -> NDArray[np.uint8]:
    """Return the images of an idx file, shape (N, 1, height, width), values 0 to 255.

    Raises:
        DataError: see `read_idx`.
    """
    return read_idx(path, (None, height, width))[:, np.newaxis]


def read_labels(path: Path, classes: int) -> NDArray[np.int64]:
    """Return the labels of an idx file, shape (N,), values 0 to ``classes`` - 1.

    Raises:
        DataError: see `read_idx`; or a label is out of range, and the message names the first such label.
    """
    labels = read_idx(path, (None,))
    wrong = np.flatnonzero(labels >= classes)
    if wrong.size:
        raise DataError(
            f"{path}: label {labels[wrong[0]]} of item {wrong[0]} is out of range, expected 0 to {classes - 1}"
            f" ({wrong.size} such labels)"
        )
    return labels.astype(np.int64)


def read_pair(
    images: Path, labels: Path, *, height: int, width: int, classes: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the images, (N, 1, height, width), and labels, (N,), of two files that belong together.

    Raises:
        DataError: see `read_images` and `read_labels`; or the two files do not hold the same number of items.
    """
    inputs, targets = read_images(images, height, width), read_labels(labels, classes)
    if len(inputs) != len(targets):
        raise DataError(
            f"{images} holds {len(inputs)} images but {labels} holds {len(targets)} labels; they do not belong together"
        )
    return inputs, targets


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    """Write unsigned bytes as an idx file, compressed if its name ends in ``.gz``. Equal arrays give equal bytes."""
    header = struct.pack(f">2xBB{array.ndim}I", _UNSIGNED_BYTES, array.ndim, *array.shape)
    content = header + np.ascontiguousarray(array, dtype=np.uint8).tobytes()
    if path.suffix == ".gz":
        packed = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0, compresslevel=6) as stream:
            stream.write(content)
        content = packed.getvalue()
    write_bytes(path, content)


def _read_stream(stream: _Stream, path: Path, shape: tuple[int | None, ...]) -> NDArray[np.uint8]:
    dimensions = _read_header(stream, path, len(shape))
    for position, (found, expected) in enumerate(zip(dimensions, shape, strict=True)):
        if found == 0 or expected not in (None, found):
            wanted = "a positive number" if expected is None else expected
            raise DataError(f"{path}: dimension {position} is {found}, expected {wanted}")
    size = math.prod(dimensions)
    if size > _LARGEST:
        raise DataError(f"{path}: the header announces {size} bytes, more than any file of this kind holds")
    content = stream.read(size)
    if len(content) < size:
        raise DataError(f"{path}: truncated: {len(content)} of {size} bytes that the header announces")
    # Reading to the end also makes gzip verify its checksum.
    if stream.read(1):
        raise DataError(f"{path}: further bytes follow the {size} that the header announces")
    return np.frombuffer(content, dtype=np.uint8).reshape(dimensions)


def _read_header(stream: _Stream, path: Path, count: int) -> tuple[int, ...]:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPES:
        raise DataError(f"{path}: not an idx file (it starts with {magic.hex(' ') or 'nothing'})")
    if magic[2] != _UNSIGNED_BYTES:
        raise DataError(f"{path}: holds {_TYPES[magic[2]]}, expected unsigned bytes (uint8)")
    if magic[3] != count:
        raise DataError(f"{path}: has {magic[3]} dimensions, expected {count}")
    sizes = stream.read(4 * count)
    if len(sizes) < 4 * count:
        raise DataError(f"{path}: truncated within its header")
    return struct.unpack(f">{count}I", sizes)
