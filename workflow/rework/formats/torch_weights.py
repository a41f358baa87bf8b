"""Reading weights of torch modules from downloaded files: torch's ``.pth``, or arrays in an ``.npz``."""

import re
import zipfile
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rework.errors import DataError
from rework.formats.decoding import declared
from rework.messages import short_text

# torchvision's files of DenseNet were written when the names of layers had dots: ``norm.1`` for today's ``norm1``.
_DOTTED = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12])\.")
COUNTER = ".num_batches_tracked"
LARGEST = 2**30  # bytes of a file's tensors; SqueezeNet's have 5 MB


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a file by name, in float32 and contiguous. Nothing in the file is executed.

    Names that torchvision has changed since are today's. The counters of batch normalisation are left out: they are
    whole numbers, and nothing reads them.

    Raises:
        DataError: the file has neither format, unpacks to more than ``LARGEST`` bytes, or holds something other than
            named tensors of finite numbers.
    """
    found = _arrays(path) if _holds_arrays(path) else _state_dict(path)
    tensors = {name: tensor for name, tensor in found.items() if not str(name).endswith(COUNTER)}
    for name, tensor in tensors.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor) or not tensor.is_floating_point():
            raise DataError(
                f"{path}: {short_text(name)} is no tensor of floating-point numbers; expected weights by name"
            )
        if not torch.isfinite(tensor).all():
            raise DataError(f"{path}: {short_text(name)} holds values that are no finite numbers")
    if not tensors:
        raise DataError(f"{path}: holds no weights")
    renamed = {_DOTTED.sub(r"\1\2.", name): tensor for name, tensor in tensors.items()}
    return {name: tensor.to(torch.float32).contiguous() for name, tensor in sorted(renamed.items())}


def _holds_arrays(path: Path) -> bool:
    """Return whether a file is an ``.npz``, judging by content: a substitute has the name of the official file."""
    with declared(path, "not a whole archive"):
        if not zipfile.is_zipfile(path):
            return False
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    # Both formats are archives, whose members may be compressed.
    size = sum(member.file_size for member in members)
    if size > LARGEST:
        raise DataError(f"{path}: unpacks to {size:,} bytes, expected at most {LARGEST:,}")
    return all(member.filename.endswith(".npy") for member in members)


def _arrays(path: Path) -> dict[str, Tensor]:
    with declared(path, "not an .npz of arrays"), np.load(path, allow_pickle=False) as archive:
        return {name: torch.from_numpy(archive[name]) for name in archive.files}


def _state_dict(path: Path) -> dict[str, Tensor]:
    with declared(path, "not a file of weights that can be read safely"):
        content = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(content, dict):
        raise DataError(f"{path}: holds {type(content).__name__}, expected weights by name")
    return dict(content)
