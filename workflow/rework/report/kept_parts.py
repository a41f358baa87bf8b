"""Parts of the PDF that an earlier build set, kept under a hash of everything that they are made from.

A chapter takes many seconds to set, and most builds change one. What is kept is used only if it has the hash that was
recorded with it; if anything is wrong with it, or nothing can be kept, the part is set anew.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from rework.errors import StorageError
from rework.files import sha256_text, write_bytes, write_text

MOST = 40
"""How many parts are kept; of more, those that were used last. The reference has six, of up to two megabytes each."""


@dataclass(frozen=True)
class SetPart:
    """What is known of a part when it is set: how many pages it has, and on which of them, from 0, each anchor is."""

    length: int
    anchors: dict[str, int]


@dataclass(frozen=True)
class KeptPart:
    """A part that was set: the number of its first page, what is known of it, and its PDF file."""

    first: int
    part: SetPart
    content: bytes


class KeptParts:
    """The kept parts in a folder.

    Args:
        folder: where they are; it need not exist.
        made_with: names code and packages; parts that were set with others are not found.
    """

    def __init__(self, folder: Path, made_with: str) -> None:
        self.folder = folder
        self.made_with = made_with

    def find(self, html: str) -> KeptPart | None:
        """Return the part that was set from a document, whatever the number of its first page, or None."""
        record, file = self._paths(html)
        try:
            told = json.loads(record.read_text(encoding="utf-8"))
            content = file.read_bytes()
            found = KeptPart(told["first"], SetPart(**told["part"]), content)
            unharmed = told["sha256"] == hashlib.sha256(content).hexdigest()
        except (OSError, ValueError, LookupError, TypeError):
            return None
        return found if unharmed else None

    def keep(self, html: str, kept: KeptPart) -> None:
        """Keep a part in place of one from the same document."""
        record, file = self._paths(html)
        told = {"first": kept.first, "part": asdict(kept.part), "sha256": hashlib.sha256(kept.content).hexdigest()}
        with suppress(StorageError):  # a full disk, or the folder of another user, costs time and nothing else
            write_bytes(file, kept.content)
            write_text(record, json.dumps(told))

    def drop_oldest(self) -> None:
        """Delete all but the parts that were used last."""
        with suppress(OSError):
            records = sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
            for record in records[:-MOST]:
                record.unlink(missing_ok=True)
                record.with_suffix(".pdf").unlink(missing_ok=True)

    def used(self, html: str) -> None:
        """Note that a part was used."""
        with suppress(OSError):
            self._paths(html)[0].touch()

    def _paths(self, html: str) -> tuple[Path, Path]:
        key = sha256_text(f"{self.made_with}\n{html}")
        return self.folder / f"{key}.json", self.folder / f"{key}.pdf"
