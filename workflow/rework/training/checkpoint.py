"""The checkpoint of an unfinished training: everything that its remaining steps depend on, in one file."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from rework.files import atomic_path


class CheckpointFile:
    """A file that holds the state of one training, replaced atomically.

    Args:
        path: the file; its folder is created on the first save.
        identity: hash of everything the training depends on (settings, code, data, machine). A file with another
            identity belongs to a training that is no longer wanted.
    """

    def __init__(self, path: Path, identity: str) -> None:
        self.path = path
        self.identity = identity

    def save(self, state: dict[str, Any]) -> None:
        """Write the state; a crash at any moment leaves either the old file or the new one."""
        with atomic_path(self.path) as partial:
            torch.save({"identity": self.identity, "state": state}, partial)

    def load(self, note: Callable[[str], None]) -> dict[str, Any] | None:
        """Return the saved state, on the CPU, or None if there is none that fits, after telling ``note`` why."""
        discard_partials(self.path)
        try:
            content = torch.load(self.path, map_location="cpu", weights_only=True)
        except FileNotFoundError:
            return None
        except (pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
            note(f"the checkpoint {self.path.name} cannot be read and is ignored ({type(error).__name__})")
            return None
        if not isinstance(content, dict) or content.get("identity") != self.identity:
            note(f"the checkpoint {self.path.name} comes from other settings, code, data or machine and is ignored")
            return None
        state: dict[str, Any] = content["state"]
        return state

    def delete(self) -> None:
        """Remove the file, after the results have been written."""
        self.path.unlink(missing_ok=True)


def discard_partials(path: Path) -> None:
    """Remove the temporary files that processes killed while writing ``path`` left beside it."""
    for partial in path.parent.glob(f".{path.name}.*"):
        partial.unlink(missing_ok=True)
