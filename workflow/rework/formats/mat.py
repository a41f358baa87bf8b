"""Labelled pictures in MATLAB files: rows of numbers from 0 to 1, and one-hot labels."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import savemat

from rework.errors import DataError
from rework.formats.labelled_pictures import LabelledPictures
from rework.formats.mat_variables import read_matrices
from rework.formats.zip_archive import read_zip_members
from rework.messages import short_text

# Scaling up a picture may overshoot white and black a little; clipping then makes no visible difference.
OVERSHOOT = 0.25
LARGEST = 500 * 2**20  # bytes of one file; the official ones have 90 MB or less
_HEADER = b"MATLAB 5.0 MAT-file"


def read_labelled_pictures(content: bytes, where: str, prefix: str, classes: int, side: int) -> LabelledPictures:
    """Return pictures (uint8, N x 1 x side x side, upright) and class numbers (int64, N) of a MATLAB file.

    Args:
        content: the content of the file.
        where: the name of the file in messages.
        prefix: the variables are ``<prefix>_data`` (N, side * side), each row a picture column by column as MATLAB
            stores it, and ``<prefix>_labels`` (N, classes), one-hot.
        classes: number of classes.
        side: the side of the pictures, in pixels.

    Raises:
        DataError: this is not such a file, it holds something else, or it unpacks to more than ``LARGEST`` bytes.
    """
    variables = read_matrices(content, where, LARGEST)
    data = _matrix(variables, f"{prefix}_data", side * side, where)
    labels = _matrix(variables, f"{prefix}_labels", classes, where)
    if len(data) != len(labels) or not len(data):
        raise DataError(f"{where}: {len(data)} pictures and {len(labels)} labels; expected as many, and at least one")
    if not np.isfinite(data).all() or data.min() < -OVERSHOOT or data.max() > 1 + OVERSHOOT:
        raise DataError(f"{where}: {prefix}_data goes from {data.min():g} to {data.max():g}; expected about 0 to 1")
    if not (((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all()):
        row = int(np.flatnonzero((labels.sum(axis=1) != 1) | ((labels != 0) & (labels != 1)).any(axis=1))[0])
        raise DataError(f"{where}: {prefix}_labels, row {row + 1}: expected a single 1 among zeros")
    pictures = np.rint(np.clip(data, 0, 1) * 255).astype(np.uint8).reshape(-1, 1, side, side)
    return np.ascontiguousarray(pictures.transpose(0, 1, 3, 2)), labels.argmax(axis=1).astype(np.int64)


def labelled_pictures_file(prefix: str, pictures: NDArray[np.uint8], targets: NDArray[np.int64], classes: int) -> bytes:
    """Return a MATLAB file that ``read_labelled_pictures`` reads; equal arguments give equal bytes.

    ``pictures`` are upright bytes, shape (N, side, side).
    """
    data = pictures.transpose(0, 2, 1).reshape(len(pictures), -1) / 255
    content = io.BytesIO()
    variables = {f"{prefix}_data": data, f"{prefix}_labels": np.eye(classes, dtype=np.uint8)[targets]}
    savemat(content, variables)  # type: ignore[arg-type] # it writes to open files too
    # The first 116 bytes are text that includes the time of writing.
    return _HEADER.ljust(116) + content.getvalue()[116:]


def zip_members(path: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    """Return the members of an archive with these base names, whatever their folder.

    Raises:
        DataError: the archive is damaged, or a member is missing, is there twice, or is too large.
    """
    found: dict[str, bytes] = {}
    for place, content in read_zip_members(path, lambda place: place.name in names, LARGEST):
        if place.name in found:
            raise DataError(f"{path}: {place.name} is in it twice")
        found[place.name] = content
    missing = [name for name in names if name not in found]
    if missing:
        raise DataError(f"{path}: holds no {missing[0]}")
    return found


def _matrix(
    variables: Mapping[str, NDArray[np.generic] | None], name: str, columns: int, where: str
) -> NDArray[np.float64]:
    if name not in variables:
        known = ", ".join(short_text(key).strip("'") for key in sorted(filter(None, variables))[:10])
        raise DataError(f"{where}: no variable {name}; there are {known or 'none'}")
    values = variables[name]
    if values is None or values.shape[1:] != (columns,):
        found = "is no matrix of real numbers" if values is None else f"has shape {values.shape}"
        raise DataError(f"{where}: {name} {found}, expected numbers (N, {columns})")
    return values.astype(np.float64)
