"""CIFAR-10's official "python version": five training batches, a test batch and the class names, each a pickle.

The pickles were written by Python 2 (protocol 2): dictionaries of byte strings, lists, whole numbers and one numpy
array of unsigned bytes, N x 3072: red, green and blue, 32 x 32 each, row by row. Source: Krizhevsky, Learning Multiple
Layers of Features from Tiny Images, 2009, and https://www.cs.toronto.edu/~kriz/cifar.html.

Opening a pickle can run arbitrary code. This reader therefore never imports what a pickle names: for the three names
that an array needs, it only records what the pickle would have done, and it refuses every other name.
"""

import gzip
import io
import pickle
import struct
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from rework.errors import DataError
from rework.files import write_bytes
from rework.formats.decoding import declared, read_bounded
from rework.formats.inflating import Inflated
from rework.formats.labelled_pictures import LabelledPictures
from rework.formats.member_names import short_name
from rework.formats.pickle_operations import check_operations
from rework.formats.tar_headers import MOST_INFLATED, SmallHeader, headers
from rework.messages import short_text

FOLDER = "cifar-10-batches-py"
META = "batches.meta"
TRAIN_BATCHES = {f"data_batch_{number}": f"training batch {number} of 5" for number in range(1, 6)}
TEST_BATCH = "test_batch"
SHAPE = (3, 32, 32)
CLASS_COUNT = 10


_BATCH_LABELS = {**TRAIN_BATCHES, TEST_BATCH: "testing batch 1 of 1"}
_FILES = (META, *_BATCH_LABELS)
_VALUES = 3 * 32 * 32
_LARGEST = 2**26  # the official batches have 31 MB
_ARRAY, _TYPE = "_reconstruct", "dtype"
_KNOWN_GLOBALS = {
    ("numpy.core.multiarray", _ARRAY),
    ("numpy._core.multiarray", _ARRAY),  # its name since numpy 2
    ("numpy", "ndarray"),
    ("numpy", _TYPE),
}
_AGAIN = "fetch it again"


@dataclass(frozen=True)
class CifarBatches:
    """The content of the seven files: images (uint8, N x 3 x 32 x 32) with labels (int64, N), and the class names."""

    train: LabelledPictures
    test: LabelledPictures
    classes: tuple[str, ...]


def read_cifar(path: Path) -> CifarBatches:
    """Read ``cifar-10-python.tar.gz``, or the folder ``cifar-10-batches-py`` that was extracted from it.

    Only the seven expected files of the archive are read, into memory; nothing is written to disk.

    Raises:
        DataError: a file is missing or damaged, its pickle names something that the format has no use for, or it lacks
            the expected keys, numbers, types or labels; or the archive holds a link or a path that leads out of it.
            The message names the file.
    """
    opened = {
        name: (where, _unpickle(content, where))
        for name, where, content in (_folder_files(path) if path.is_dir() else _archive_files(path))
    }
    missing = [name for name in _FILES if name not in opened]
    if missing:
        raise DataError(f"{path}: holds no {FOLDER}/{missing[0]} ({len(missing)} files are missing); {_AGAIN}")
    per_batch, classes = _meta(*opened[META])
    train = [_batch(*opened[name], _BATCH_LABELS[name]) for name in TRAIN_BATCHES]
    for name, (images, _) in zip(TRAIN_BATCHES, train, strict=True):
        if len(images) != per_batch:
            raise DataError(f"{opened[name][0]}: holds {len(images)} images; {META} says {per_batch} per batch")
    return CifarBatches(
        train=(np.concatenate([images for images, _ in train]), np.concatenate([labels for _, labels in train])),
        test=_batch(*opened[TEST_BATCH], _BATCH_LABELS[TEST_BATCH]),
        classes=classes,
    )


def write_cifar(path: Path, batches: CifarBatches) -> None:
    """Write the seven files into the folder ``path``, or into an archive if its name ends in ``.tar.gz``.

    The number of training images must be a multiple of five. Equal content gives equal bytes.
    """
    images, labels = batches.train
    per_batch, left = divmod(len(images), len(TRAIN_BATCHES))
    assert left == 0, f"{len(images)} training images do not make {len(TRAIN_BATCHES)} equal batches"
    parts = {
        name: (images[number * per_batch :][:per_batch], labels[number * per_batch :][:per_batch])
        for number, name in enumerate(TRAIN_BATCHES)
    }
    meta = {
        b"num_cases_per_batch": per_batch,
        b"label_names": [name.encode() for name in batches.classes],
        b"num_vis": _VALUES,
    }
    files = {META: _pickled(meta) + pickle.STOP}
    for name, part in {**parts, TEST_BATCH: batches.test}.items():
        files[name] = _pickled(_batch_dictionary(name, *part, batches.classes)) + pickle.STOP
    contents = {name: pickle.PROTO + b"\2" + content for name, content in sorted(files.items())}
    if path.name.endswith(".tar.gz"):
        write_bytes(path, _archive(contents))
    else:
        for name, content in contents.items():
            write_bytes(path / name, content)


def _folder_files(path: Path) -> Iterator[tuple[str, str, bytes]]:
    """Yield the name, the place for messages and the content of each expected file in a folder."""
    for name in _FILES:
        if (path / name).is_file():
            yield name, str(path / name), read_bounded(path / name, _LARGEST)


def _archive_files(path: Path) -> Iterator[tuple[str, str, bytes]]:
    """Yield the name, the place for messages and the content of each expected file in an archive, in its order."""
    with declared(path, "the archive is truncated or damaged", _AGAIN), path.open("rb") as packed:
        stream = Inflated(packed, MOST_INFLATED)
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=SmallHeader) as archive:  # type: ignore[call-overload]
            yield from _members(archive, path)
        # Reading to the end makes gzip verify its checksum.
        stream.finish()


def _members(archive: tarfile.TarFile, path: Path) -> Iterator[tuple[str, str, bytes]]:
    seen = set()
    for member in headers(archive, path):
        inside = PurePosixPath(member.name)
        if inside.is_absolute() or ".." in inside.parts:
            raise DataError(
                f"{path}: member {short_name(member.name)!r} leads out of the archive; {_AGAIN} from the official page"
            )
        if not (member.isreg() or member.isdir()):
            raise DataError(
                f"{path}: member {short_name(member.name)!r} is a link or a device, expected files; {_AGAIN}"
            )
        if str(inside.parent) != FOLDER or inside.name not in _FILES or member.isdir():
            continue
        where = f"{path}: {inside}"
        if inside in seen or member.size > _LARGEST:
            problem = "is there twice" if inside in seen else f"has {member.size} bytes, more than any batch"
            raise DataError(f"{where} {problem}; {_AGAIN}")
        seen.add(inside)
        content = archive.extractfile(member)
        assert content is not None, "regular members have content"
        yield inside.name, where, content.read()


@dataclass(slots=True)
class _Built:
    """What a pickle asked to build: the name that it calls, the arguments and, if any, the state set afterwards."""

    name: str
    arguments: tuple[Any, ...]
    state: Any = None

    def __setstate__(self, state: Any) -> None:
        self.state = state


@dataclass(slots=True)
class _Name:
    """A known name in a pickle. Calling it only builds a record; each occurrence is a separate object."""

    name: str

    def __call__(self, *arguments: Any) -> _Built:
        return _Built(self.name, arguments)


class _CheckedUnpickler(pickle.Unpickler):
    """An unpickler that accepts only the names of a numpy array, and does not import even those."""

    def __init__(self, stream: io.BytesIO, where: str) -> None:
        super().__init__(stream, encoding="bytes")
        self._where = where

    def find_class(self, module: str, name: str) -> _Name:
        """Return a stand-in for a known name.

        Raises:
            DataError: the format has no use for the name.
        """
        if (module, name) not in _KNOWN_GLOBALS:
            self._refuse(short_name(f"{module}.{name}"))
        return _Name(name)

    def persistent_load(self, identifier: Any) -> NoReturn:
        """Refuse objects that live outside the file."""
        self._refuse(f"the persistent id {short_text(identifier)}")

    def _refuse(self, what: str) -> NoReturn:
        raise DataError(
            f"{self._where}: this pickle asks for {what}, expected nothing but numbers, byte strings and one array;"
            f" it may be malicious. {_AGAIN.capitalize()} from the official page"
        )


def _unpickle(content: bytes, where: str) -> Any:
    stream = io.BytesIO(content)
    with declared(where, "truncated or damaged", _AGAIN):
        check_operations(content, where)
        value = _CheckedUnpickler(stream, where).load()
    if stream.tell() != len(content):
        raise DataError(f"{where}: {len(content) - stream.tell()} bytes follow the pickle; {_AGAIN}")
    return value


def _entry(value: Any, key: bytes, kind: type, where: str) -> Any:
    """Return an entry of a dictionary, which must be of a given type."""
    found = value.get(key) if isinstance(value, dict) else None
    if type(found) is not kind:
        wanted = "an array" if kind is _Built else f"a value of type {kind.__name__}"
        state = "no such entry" if found is None else type(found).__name__
        raise DataError(f"{where}: expected {wanted} under the key {key.decode()!r}, found {state}; {_AGAIN}")
    return found


def _meta(where: str, value: Any) -> tuple[int, tuple[str, ...]]:
    """Return the number of images per training batch and the names of the classes."""
    per_batch = _entry(value, b"num_cases_per_batch", int, where)
    names = _entry(value, b"label_names", list, where)
    if not all(isinstance(name, bytes) and name.isascii() and name for name in names):
        raise DataError(f"{where}: label_names are {short_text(names)}, expected names in ASCII")
    if len(names) != CLASS_COUNT or len(set(names)) != CLASS_COUNT:
        raise DataError(f"{where}: label_names are {short_text(names)}, expected {CLASS_COUNT} different names")
    return per_batch, tuple(name.decode("ascii") for name in names)


def _batch(where: str, value: Any, label: str) -> LabelledPictures:
    """Return images (uint8, N x 3 x 32 x 32) and labels (int64, N) of a batch that must carry ``label``."""
    found = _entry(value, b"batch_label", bytes, where)
    if found != label.encode():
        raise DataError(f"{where}: its batch_label is {short_text(found)}, expected {label!r}; was the file renamed?")
    labels = _entry(value, b"labels", list, where)
    names = _entry(value, b"filenames", list, where)
    images = _images(_entry(value, b"data", _Built, where), where)
    if not len(images) == len(labels) == len(names):
        raise DataError(f"{where}: {len(images)} images, {len(labels)} labels and {len(names)} file names")
    return images, _labels(labels, where)


def _labels(labels: Sequence[Any], where: str) -> NDArray[np.int64]:
    if set(map(type, labels)) != {int} or not set(labels) <= set(range(CLASS_COUNT)):
        position, wrong = next(
            (position, label)
            for position, label in enumerate(labels)
            if type(label) is not int or not 0 <= label < CLASS_COUNT
        )
        raise DataError(f"{where}: label {short_text(wrong)} of item {position} is not one of 0 to {CLASS_COUNT - 1}")
    return np.array(labels, dtype=np.int64)


def _images(array: _Built, where: str) -> NDArray[np.uint8]:
    """Return the pixels of an array of unsigned bytes, N x 3072, as a view of the pickle's byte string."""
    state = array.state
    if array.name != _ARRAY or not isinstance(state, tuple) or len(state) != 5:
        raise DataError(f"{where}: the entry 'data' is not a numpy array; {_AGAIN}")
    _, shape, kind, by_columns, content = state
    if not isinstance(kind, _Built) or kind.name != _TYPE or kind.arguments[:1] not in ((b"u1",), ("u1",)):
        raise DataError(f"{where}: the entry 'data' is no array of unsigned bytes (uint8); {_AGAIN}")
    if not isinstance(shape, tuple) or [*map(type, shape)] != [int, int] or shape[1] != _VALUES or shape[0] < 1:
        raise DataError(f"{where}: the entry 'data' has the shape {short_text(shape)}, expected (images, {_VALUES})")
    if by_columns is not False or not isinstance(content, bytes) or len(content) != shape[0] * _VALUES:
        raise DataError(f"{where}: the entry 'data' is not stored as {shape[0]} rows of {_VALUES} bytes; {_AGAIN}")
    return np.frombuffer(content, dtype=np.uint8).reshape(-1, *SHAPE)


def _batch_dictionary(
    name: str, images: NDArray[np.uint8], labels: NDArray[np.int64], classes: Sequence[str]
) -> dict[bytes, Any]:
    return {
        b"batch_label": _BATCH_LABELS[name].encode(),
        b"labels": labels.tolist(),
        b"data": images.reshape(-1, _VALUES),
        b"filenames": [f"{classes[label]}_s_{number:06}.png".encode() for number, label in enumerate(labels.tolist())],
    }


def _pickled(value: Any) -> bytes:
    """Return the opcodes of a value as Python 2 wrote them: its byte strings differ from those of Python 3."""
    match value:
        case dict():
            items = [_pickled(part) for item in value.items() for part in item]
            return pickle.EMPTY_DICT + pickle.MARK + b"".join(items) + pickle.SETITEMS
        case list():
            return pickle.EMPTY_LIST + pickle.MARK + b"".join(map(_pickled, value)) + pickle.APPENDS
        case tuple():
            return pickle.MARK + b"".join(map(_pickled, value)) + pickle.TUPLE
        case bytes():
            return pickle.BINSTRING + struct.pack("<i", len(value)) + value
        case False:
            return pickle.NEWFALSE
        case int():
            return pickle.BININT + struct.pack("<i", value)
        case None:
            return pickle.NONE
        case np.ndarray():
            return _pickled_array(value)
    raise AssertionError(f"the format has no {type(value).__name__}")


def _pickled_array(array: NDArray[np.uint8]) -> bytes:
    """Return the opcodes of an array of unsigned bytes, with the numbers that numpy uses for row order."""
    make_type = pickle.GLOBAL + b"numpy\ndtype\n" + _pickled((b"u1", 0, 1)) + pickle.REDUCE
    make_type += _pickled((3, b"|", None, None, None, -1, -1, 0)) + pickle.BUILD
    arguments = pickle.GLOBAL + b"numpy\nndarray\n" + _pickled((0,)) + _pickled(b"b")
    make = pickle.GLOBAL + b"numpy.core.multiarray\n_reconstruct\n"
    make += pickle.MARK + arguments + pickle.TUPLE + pickle.REDUCE
    state = _pickled(1) + _pickled(array.shape) + make_type + _pickled(False) + _pickled(array.tobytes())
    return make + pickle.MARK + state + pickle.TUPLE + pickle.BUILD


def _archive(contents: Mapping[str, bytes]) -> bytes:
    """Return a tar.gz of the folder with the given files, without time, owner or machine."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0, compresslevel=6) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        folder = tarfile.TarInfo(FOLDER)
        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(folder)
        for name, content in contents.items():
            member = tarfile.TarInfo(f"{FOLDER}/{name}")
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()
