"""Reading weights of torch modules from downloaded files: torch's ``.pth``, or arrays in an ``.npz``."""

import pickle
import zipfile
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rework.errors import DataError

LARGEST = 2**30  # bytes of a file's tensors; SqueezeNet's have 5 MB


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file by name, in float32 and contiguous. Nothing in the file is executed.

    Raises:
        DataError: the file has neither format, unpacks to more than ``LARGEST`` bytes, or holds something other than
            named tensors of finite numbers.
    """
    tensors = _arrays(path) if _holds_arrays(path) else _state_dict(path)
    for name, tensor in tensors.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor) or not tensor.is_floating_point():
            raise DataError(f"{path}: {name!r} is no tensor of floating-point numbers; expected weights by name")
        if not torch.isfinite(tensor).all():
            raise DataError(f"{path}: {name!r} holds values that are no finite numbers")
    if not tensors:
        raise DataError(f"{path}: holds no weights")
    return {name: tensor.to(torch.float32).contiguous() for name, tensor in sorted(tensors.items())}


def _holds_arrays(path: Path) -> bool:
    """Return whether a file is an ``.npz``, judging by content: a substitute has the name of the official file."""
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise DataError(f"{path}: not a whole archive ({error})") from None
    # Both formats are archives, whose members may be compressed.
    size = sum(member.file_size for member in members)
    if size > LARGEST:
        raise DataError(f"{path}: unpacks to {size:,} bytes, expected at most {LARGEST:,}")
    return all(member.filename.endswith(".npy") for member in members)


def _arrays(path: Path) -> dict[str, Tensor]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: torch.from_numpy(archive[name]) for name in archive.files}
    except (ValueError, TypeError, OSError, EOFError, MemoryError, zlib.error, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: not an .npz of arrays ({error})") from None


def _state_dict(path: Path) -> dict[str, Tensor]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, OSError, EOFError, KeyError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"{path}: not a file of weights that can be read safely ({reason})") from None
    if not isinstance(content, dict):
        raise DataError(f"{path}: holds {type(content).__name__}, expected weights by name")
    return dict(content)
