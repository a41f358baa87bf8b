"""Where a result comes from: the code, the locked packages and the machine that made it.

Nothing here imports torch: versions are read from the installed packages' metadata.
"""

import importlib.metadata
import os
import platform
import re
from pathlib import Path
from typing import Any

from rework.errors import ConfigError
from rework.files import sha256_text
from rework.fingerprint import SourceTree

LIBRARY_ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = LIBRARY_ROOT.parent / "envs"
SOURCES_FILE = Path(".snakemake", "rework-sources.json")
_PIN = re.compile(r'^\s*- "([^"]+==[^"]+)"', re.MULTILINE)
PACKAGES = ("torch", "torchvision", "numpy", "scipy", "scikit-learn", "scikit-image", "matplotlib", "snakemake")

_library = SourceTree(LIBRARY_ROOT, memory=SOURCES_FILE.absolute())


def code_fingerprint(*modules: str) -> str:
    """Return the fingerprint of the named modules of this library and of everything that they import from it.

    Args:
        modules: dotted names, for example ``rework.steps.train`` and the model's module.

    Raises:
        ConfigError: a named module does not exist; the message names the nearest one.
    """
    return _library.fingerprint(*modules)


def packages_hash(family: str, folder: Path = ENVIRONMENTS) -> str:
    """Return the SHA-256 of the pinned requirements of a family of rules, in the order of the alphabet.

    They are those of its file in ``envs/``, which follows the lock. Comments do not count, nor do packages of other
    families: a new linter makes nothing again.

    Raises:
        ConfigError: there is no such file, or it pins nothing.
    """
    path = folder / f"{family}.yaml"
    pins = _PIN.findall(path.read_text(encoding="utf-8")) if path.is_file() else []
    if not pins:
        raise ConfigError(f"envs/{path.name}: no such file, or it pins no package; 'make lock' writes it")
    return sha256_text("\n".join(sorted(pins)))


def environment() -> dict[str, Any]:
    """Return the interpreter, the platform, the processor and the versions of the packages that make numbers."""
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cpu_model() -> str:
    """Return the processor's name; Python's own answer is empty on Linux, where /proc/cpuinfo has it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
