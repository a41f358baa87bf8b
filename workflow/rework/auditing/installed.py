"""The installed packages against the lock: results are only as reproducible as what they were made with."""

import importlib.metadata
import re
from pathlib import Path

_PIN = re.compile(r'^\s*(?:- ")?([A-Za-z0-9._-]+)==([^\s"\\;]+)', re.MULTILINE)


def pins(path: Path) -> dict[str, str]:
    """Return the versions that a lock file or an environment of conda pins, by the name of the package.

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w", suffix=".txt") as lock:
    ...     _ = lock.write("numpy==2.4.6 --hash=sha256:0")
    ...     lock.flush()
    ...     pins(Path(lock.name))
    {'numpy': '2.4.6'}
    """
    found = _PIN.findall(path.read_text(encoding="utf-8")) if path.is_file() else []
    return {_plain(name): version for name, version in found}


def differences_from_lock(lock: Path) -> list[str]:
    """Return the packages whose installed version is not the one in a lock file, in a phrase each."""
    found = []
    for name, version in sorted(pins(lock).items()):
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            installed = None
        if installed is None:
            found.append(f"{name} is not installed (locked: {version})")
        elif installed.partition("+")[0] != version.partition("+")[0]:
            found.append(f"{name} {installed} (locked: {version})")
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
