"""The checkpoint of an unfinished training: everything that its remaining steps depend on, in one file.

The file is a line with the SHA-256 of what follows, and that is the state as torch saves it. A damaged file is found
out before any of it is read.
"""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from rework.files import atomic_path


class CheckpointFile:
    """A file that holds the state of one training, replaced atomically.

    Args:
        path: the file; its folder is created on the first save.
        identity: hash of everything the training depends on (settings, code, packages, data, kind of device). A file
            with another identity belongs to a training that is no longer wanted.
    """

    def __init__(self, path: Path, identity: str) -> None:
        self.path = path
        self.identity = identity

    def save(self, state: dict[str, Any]) -> None:
        """Write the state; a crash at any moment leaves either the old file or the new one."""
        stream = io.BytesIO()
        torch.save({"identity": self.identity, "state": state}, stream)
        content = stream.getbuffer()
        with atomic_path(self.path) as partial, partial.open("wb") as file:
            file.write(_checksum(content))
            file.write(content)

    def load(self, note: Callable[[str], None]) -> dict[str, Any] | None:
        """Return the saved state, on the CPU, or None if there is none that fits, after telling ``note`` why.

        Whatever is wrong with the file, the training starts anew: nothing is lost but time.
        """
        discard_partials(self.path)
        try:
            stored = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            note(f"the checkpoint {self.path.name} cannot be read and is ignored ({error.strerror or error})")
            return None
        line, content = stored[:_LINE], memoryview(stored)[_LINE:]
        if line != _checksum(content):
            note(f"the checkpoint {self.path.name} is damaged and is ignored (its checksum is another)")
            return None
        try:
            found = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        except Exception as error:
            note(f"the checkpoint {self.path.name} cannot be read and is ignored ({type(error).__name__})")
            return None
        if not isinstance(found, dict) or found.get("identity") != self.identity:
            note(
                f"the checkpoint {self.path.name} is of other settings, code, packages, data or kind of device and is "
                "ignored"
            )
            return None
        state = found.get("state")
        if not isinstance(state, dict):
            note(f"the checkpoint {self.path.name} cannot be read and is ignored (it holds no state)")
            return None
        return state

    def delete(self) -> None:
        """Remove the file, after the results have been written."""
        self.path.unlink(missing_ok=True)


def discard_partials(path: Path) -> None:
    """Remove the temporary files that processes killed while writing ``path`` left beside it."""
    for partial in path.parent.glob(f".{path.name}.*"):
        partial.unlink(missing_ok=True)


def _checksum(content: memoryview) -> bytes:
    return f"{hashlib.sha256(content).hexdigest()}\n".encode()


_LINE = len(_checksum(memoryview(b"")))
