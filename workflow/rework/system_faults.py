"""Faults of the operating system in one line: the path, the reason, the space that is left, and what to do.

Libraries report them in their own words: numpy counts the bytes that it could write, safetensors quotes Rust, Pillow
names a step of its encoder.
"""

import errno
import os
import re
import shutil
from pathlib import Path

_IN_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota of this user on the disk is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "operation not permitted",
    errno.ENOTDIR: "a file is where a folder should be",
    errno.EEXIST: "a file is where a folder should be",
    errno.EISDIR: "a folder is where a file should be",
    errno.ENOENT: "no such file or folder",
    errno.ENAMETOOLONG: "the name is too long for the file system",
    errno.EMFILE: "too many files are open (see 'ulimit -n')",
    errno.EIO: "the disk reports an input or output error",
    errno.EFBIG: "the file is too large for the file system or a limit (see 'ulimit -f')",
}
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
"""Faults that only writing meets."""
# Bytes; with more than these the disk need not be what is full.
_PLENTY = 2**26
_DENIED = (errno.EACCES, errno.EPERM)
_BLOCKED = (errno.ENOTDIR, errno.EEXIST)
# Words of numpy, torch and Pillow about a write that ended early, all without a number.
_CUT_OFF = re.compile(
    r"requested and \d+ written|file write failed|PytorchStreamWriter failed writing|iostream error|encoder error -2"
)
# Words of torch, numpy and C++ about memory, in exceptions of several kinds; how much was asked for, where they say it.
_NO_MEMORY = re.compile(
    r"can't allocate memory|Unable to allocate|out of memory|std::bad_alloc|Storage size calculation overflowed"
    r"|array is too big|Maximum allowed dimension exceeded|ALLOC_FAILED",
    re.IGNORECASE,
)
_ASKED = re.compile(r"(?:unable|tried) to allocate ([\d.]+) (bytes|[KMGTPE]i?B)", re.IGNORECASE)
_SHAPE = re.compile(r"an array with shape \([\d, ]*\)")
_ON_GPU = re.compile(r"CUDA|CUBLAS|CUDNN")
# Rust's error inside of safetensors' words.
_OF_RUST = re.compile(r"(?:Os \{ code: |\(os error )(\d+)")


def fault_number(error: BaseException) -> int | None:
    """Return the number of the system's fault behind an exception, or None if it is of another kind.

    >>> fault_number(OSError("800 requested and 0 written")) == errno.ENOSPC
    True
    """
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    text = str(error)
    of_rust = _OF_RUST.search(text)
    if of_rust:
        return int(of_rust[1])
    return errno.ENOSPC if _CUT_OFF.search(text) else None


def fault_sentence(error: BaseException, path: Path | None = None) -> str | None:
    """Return what a fault of the system is, in one line, or None if the exception is of another kind.

    Args:
        error: what was raised.
        path: the file that was being written; by default, the one that the exception names.
    """
    if lack := _lack_of_memory(error):
        return lack
    number = fault_number(error)
    if number is None:
        return None
    if path is None:
        path = _named(error)
    if path is None:
        # What the system says is then all that is known, for example which temporary folders Python has tried.
        said = (error.strerror if isinstance(error, OSError) else None) or str(error)
        hint = "; set TMPDIR to a folder that can be written" if "temporary directory" in said else ""
        return f"{_IN_WORDS.get(number, os.strerror(number))}: {said}{hint}"
    return f"{path}: {_reason(number, path)}"


def _lack_of_memory(error: BaseException) -> str | None:
    """Return what was asked for and what to do, or None if the exception is of another kind."""
    text = str(error)
    system = isinstance(error, OSError) and error.errno == errno.ENOMEM
    if not isinstance(error, MemoryError) and not system and not _NO_MEMORY.search(text):
        return None
    asked = _ASKED.search(text)
    much = f": it was asked for {_readable(asked[1], asked[2])}" if asked else ""
    shape = _SHAPE.search(text)
    what = f", {shape[0]}" if shape else ""
    if _ON_GPU.search(text):
        return (
            f"the memory of the GPU is not enough{much}; lower batch_size or gpu_slots, make the network smaller, or "
            "train with device: cpu"
        )
    return (
        f"the memory of this machine is not enough{much}{what}; make the network, the data set or batch_size smaller, "
        "close other programs, or lower --cores"
    )


def _readable(amount: str, unit: str) -> str:
    """Return an amount of memory with a unit that suits it."""
    if unit != "bytes":
        return f"{float(amount):g} {unit}"
    number = float(amount)
    for name in ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB"):
        if number < 1024 or name == "PiB":
            break
        number /= 1024
    return f"{number:.4g} {name}"


def _named(error: BaseException) -> Path | None:
    name = getattr(error, "filename", None)
    return Path(os.fsdecode(name)) if isinstance(name, str | bytes) else None


def _reason(number: int, path: Path) -> str:
    words = _IN_WORDS.get(number, os.strerror(number))
    existing = next((folder for folder in (path, *path.absolute().parents) if _exists(folder)), Path("/"))
    if number in NO_ROOM:
        folder = existing if existing.is_dir() else existing.parent
        free = shutil.disk_usage(folder).free
        if number == errno.ENOSPC and free > _PLENTY:
            words = "not all of it could be written, as on a full disk or at a limit of a file's size"
        return f"{words}; {free / 2**20:.1f} MB are free in {folder}; make room and run the same command again"
    if number in _DENIED:
        return f"{words}; {existing} belongs to user {existing.lstat().st_uid}, and you are user {os.getuid()}"
    if number in _BLOCKED and not existing.is_dir():
        return f"{words}, {existing}; move it away"
    return words


def _exists(path: Path) -> bool:
    try:
        return os.path.lexists(path)
    except (OSError, ValueError):
        return False
