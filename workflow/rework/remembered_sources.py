"""A file that remembers the parsed modules of a package, so that the next process need not parse them again."""

import hashlib
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rework.errors import StorageError
from rework.files import write_text


@dataclass(frozen=True)
class ModuleSource:
    """One module: the digest of its syntax tree, and the names it imports that may be modules of the package."""

    digest: str
    imports: tuple[str, ...]


class RememberedSources:
    """Module sources by name and by everything that they depend on.

    Args:
        path: the file that keeps them; a damaged file, or one of another version, counts as empty.
        reader: the module that parses. What another version of it read is forgotten, as is what another version of
            Python read, since syntax trees may differ.
    """

    def __init__(self, path: Path, reader: Path) -> None:
        self.path = path
        code = reader.read_bytes() + Path(__file__).read_bytes()
        self._version = f"{sys.version_info[0]}.{sys.version_info[1]} {_digest(code)}"
        self._entries = self._load()
        self._changed = False

    def get(self, name: str, key: bytes, read: Callable[[], ModuleSource]) -> ModuleSource:
        """Return the source of a module, which ``key`` fully determines; ``read`` is called if it is not remembered."""
        digest = _digest(key)
        kept = self._entries.get(name)
        if kept is not None and kept[0] == digest:
            return kept[1]
        source = read()
        self._entries[name] = (digest, source)
        self._changed = True
        return source

    def save(self) -> None:
        """Write the file if there is something new; if it cannot be written, the next process parses again."""
        if not self._changed:
            return
        modules = {name: [key, source.digest, source.imports] for name, (key, source) in self._entries.items()}
        with suppress(OSError, StorageError):
            write_text(self.path, json.dumps({"version": self._version, "modules": modules}))
        self._changed = False

    def _load(self) -> dict[str, tuple[str, ModuleSource]]:
        try:
            content = json.loads(self.path.read_bytes())
            if content["version"] != self._version:
                return {}
            return {
                name: (key, ModuleSource(digest, tuple(imports)))
                for name, (key, digest, imports) in content["modules"].items()
            }
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
