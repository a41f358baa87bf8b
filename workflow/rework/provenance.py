"""Where a result comes from: the code, the locked packages and the machine that made it.

This module does not import torch: versions are read from the metadata of installed packages.
"""

import importlib.metadata
import importlib.util
import os
import platform
import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rework.errors import ConfigError
from rework.files import sha256_file, sha256_text
from rework.fingerprint import SourceTree
from rework.recorded import verified_sha256

LIBRARY_ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = LIBRARY_ROOT.parent / "envs"
SOURCES_FILE = Path(".snakemake", "rework-sources.json")
_PIN = re.compile(r'^\s*- "([^"]+==[^"]+)"', re.MULTILINE)
PACKAGES = ("torch", "torchvision", "numpy", "scipy", "scikit-learn", "scikit-image", "matplotlib", "snakemake")

# Those that are imported under another name.
_MODULES = {"scikit-learn": "sklearn", "scikit-image": "skimage"}

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
    """Return the SHA-256 of the pinned requirements of a family of rules, sorted.

    They are taken from the family's file in ``envs/``, which follows the lock. Neither comments nor packages of other
    families count: a new version of the linter reruns nothing.

    Raises:
        ConfigError: there is no such file, or it pins nothing.
    """
    path = folder / f"{family}.yaml"
    pins = _PIN.findall(path.read_text(encoding="utf-8")) if path.is_file() else []
    if not pins:
        raise ConfigError(f"envs/{path.name}: no such file, or it pins no package; 'make lock' writes it")
    return sha256_text("\n".join(sorted(pins)))


def origin(
    step: str, family: str, *modules: str, inputs: Mapping[str, str] | None = None, outputs: Iterable[Path] = ()
) -> dict[str, Any]:
    """Return the provenance of a result.

    Args:
        step: name of the step that makes it.
        family: the environment that it is made in, ``envs/<family>.yaml``.
        modules: dotted names of modules that the step imports by name, such as that of a model.
        inputs: SHA-256 of what it reads, by path relative to the results folder; None for a step without such inputs.
        outputs: files beside the record.
    """
    record: dict[str, Any] = {
        "step": step,
        "code": code_fingerprint(f"rework.steps.{step.replace('-', '_')}", *modules),
        "packages": packages_hash(family),
    }
    if inputs is not None:
        record["inputs"] = dict(inputs)
    found = {path.name: sha256_file(path) for path in outputs}
    return {**record, "outputs": found} if found else record


def hashed_inputs(results: Path, *files: Path) -> dict[str, str]:
    """Return the SHA-256 of files by path relative to the results folder; ``dataset.json`` covers its arrays.

    Raises:
        DataError: a file is missing, or is not the one that was recorded when it was made.
    """
    return {file.relative_to(results).as_posix(): verified_sha256(file) for file in files}


def environment() -> dict[str, Any]:
    """Return the interpreter, the platform, the processor and the versions of the packages that affect numbers.

    Of a package without a known version it says why.
    """
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str:
    """Return the version of a package, or why it is not known."""
    found: str | None = None
    with suppress(importlib.metadata.PackageNotFoundError):
        found = importlib.metadata.version(package)  # None for metadata that lost their file
    if found:
        return found
    name = _MODULES.get(package, package.replace("-", "_"))
    loaded = getattr(sys.modules.get(name), "__version__", None)
    if loaded:
        return str(loaded)
    installed = importlib.util.find_spec(name) is not None
    return "unknown: installed without metadata that name it" if installed else "not installed"


def cpu_model() -> str:
    """Return the processor's name; Python reports none on Linux, where it is in /proc/cpuinfo."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
