"""Names in archives from any system, brought to one form, and what systems leave beside files."""

import unicodedata
from pathlib import PurePosixPath

_LITTER = {"thumbs.db", "desktop.ini", ".ds_store"}
_LITTER_FOLDERS = {"__macosx", "@eadir", "$recycle.bin"}


def member_path(name: str) -> PurePosixPath:
    r"""Return a name as a path: Windows packs with backslashes, and macOS splits letters from their accents.

    >>> member_path("data\\a.mat")
    PurePosixPath('data/a.mat')
    """
    return PurePosixPath(unicodedata.normalize("NFC", name.replace("\\", "/")))


def is_litter(path: PurePosixPath) -> bool:
    """Return whether a system left the file beside others: previews, and what macOS keeps of other systems' files."""
    folders = {part.lower() for part in path.parts[:-1]}
    return path.name.startswith("._") or path.name.lower() in _LITTER or bool(folders & _LITTER_FOLDERS)


def short_name(path: PurePosixPath | str) -> str:
    """Return a name for a message: on one line, and its end if it is long."""
    text = "".join(character if character.isprintable() else "?" for character in str(path))
    return text if len(text) <= 120 else f"...{text[-117:]}"
