"""What is at a path, and what keeps from telling: a folder that is closed, or something else in its place.

A folder that hides a thousand files is one finding, and says nothing of the files.
"""

import errno
import os
import shlex
import stat
from dataclasses import dataclass
from pathlib import Path

from rework.system_faults import fault_sentence

FILE, FOLDER, NOTHING = "a file", "a folder", ""
HIDDEN = "hidden"
"""What is at a path that cannot be looked at; ``obstacle`` says why."""
_DENIED = (errno.EACCES, errno.EPERM)


@dataclass(frozen=True)
class Obstacle:
    """What keeps from looking at a path: where, in words, and whether what it hides is gone and must be made again."""

    place: Path
    said: str
    gone: bool = False


def what_is(path: Path) -> str:
    """Return what is at a path, in words; links count as what they lead to."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return NOTHING if obstacle(path) is None else HIDDEN
    except OSError:
        return HIDDEN
    if stat.S_ISLNK(mode):
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            return "a link to a file that is not there"
        except OSError as error:
            return f"a link that leads nowhere ({error.strerror})"
    if stat.S_ISREG(mode):
        return FILE
    return FOLDER if stat.S_ISDIR(mode) else "a pipe, socket or device"


def obstacle(path: Path) -> Obstacle | None:
    """Return what keeps from looking at a path, or None: it is there, or nothing is.

    It is the first one on the way from the top: what is further down cannot be told.
    """
    around = Path(path.anchor)
    for place in (*reversed(path.parents), path):
        try:
            os.lstat(place)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            # Who may not search a folder is told so of each name in it.
            closed = around if error.errno in _DENIED else place
            return Obstacle(closed, cannot_be_read(closed, error))
        found = _as_folder(place)
        if place != path and found is not None:
            return found
        around = place
    return None


def cannot_be_read(path: Path, error: OSError) -> str:
    """Return that a file or folder cannot be read, with the reason and what helps."""
    reason = (fault_sentence(error, path) or str(error)).removeprefix(f"{path}: ")
    said = (
        f"cannot be read, so nothing in it was checked: {reason}" if _is_folder(path) else f"cannot be read: {reason}"
    )
    return f"{said}; {_opened(path)}" if error.errno in _DENIED else said


def is_link(path: Path) -> bool:
    """Return whether a path is a link; not if it cannot be looked at."""
    return os.path.islink(path)  # noqa: PTH114 - Path.is_symlink raises what keeps from looking


def _as_folder(place: Path) -> Obstacle | None:
    """Return what is wrong with a place on the way to another; nothing if it is a folder, closed or not."""
    try:
        if stat.S_ISDIR(place.stat().st_mode):
            return None
    except FileNotFoundError:
        said = f"is a link to a folder that is not there ({place.readlink()})"
        return Obstacle(place, f"{said}; bring that back, or remove the link and make what was there again", gone=True)
    except OSError as error:
        return Obstacle(place, f"is a link that leads nowhere ({error.strerror}); remove it", gone=True)
    return Obstacle(place, "is a file, where a folder should be; remove it", gone=True)


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises what this is asked about


def _opened(path: Path) -> str:
    """Return what opens a file or folder to this user."""
    rights = "rwx" if _is_folder(path) else "rw"
    try:
        own = path.stat().st_uid == os.geteuid()
    except OSError:
        own = False
    return f"'chmod u+{rights} {shlex.quote(str(path))}' opens it" if own else "its owner can let you read it"
