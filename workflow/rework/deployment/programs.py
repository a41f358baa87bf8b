"""Building the C++ programs beside this module with CMake, and running them.

Whatever stands in the way, such as a missing compiler, is a ``NotBuiltError`` with a sentence for readers: a report is
not to fail because a machine cannot compile.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

Program = Literal["torchscript", "aotinductor"]

SOURCES = Path(__file__).parent / "cpp"
DIGEST = "b6bf6db31911a631fdc1fe96f7e75bfeef5ca501a493ff90324edf3af5b3b0a2"
"""SHA-256 of the files in ``SOURCES``, in the order of their names: the code fingerprint covers this text, not them."""
COMPILERS = ("c++", "g++", "clang++")
BUILDERS = ("ninja", "make")
BUILD_SECONDS, RUN_SECONDS = 900, 120


class NotBuiltError(Exception):
    """A program was not built, or did not run to its end; the message is a sentence that says why."""


@dataclass(frozen=True)
class Tools:
    """What builds the programs, as paths."""

    cmake: str
    compiler: str
    builder: str


def find_tools() -> Tools:
    """Return the tools on the ``PATH``; the compiler is that of the variable ``CXX``, if it is set.

    Raises:
        NotBuiltError: one of them is missing.
    """
    chosen = os.environ.get("CXX")
    wanted = {
        "CMake": ("cmake",),
        "C++ compiler": (chosen,) if chosen else COMPILERS,
        "program that CMake builds with": BUILDERS,
    }
    found = {what: next(filter(None, map(shutil.which, names)), None) for what, names in wanted.items()}
    for what, path in found.items():
        if path is None:
            raise NotBuiltError(
                f"There is no {what} on this machine ({' or '.join(wanted[what])}); "
                "install CMake and a C++ compiler, on Debian with apt-get install cmake g++, and make this again."
            )
    return Tools(*map(str, found.values()))


def configure(tools: Tools, folder: Path) -> None:
    """Prepare a folder, which may not exist yet, for building against the installed torch.

    Raises:
        NotBuiltError: CMake or the compiler failed.
    """
    generator = "Ninja" if Path(tools.builder).stem == "ninja" else "Unix Makefiles"
    options = {
        "TORCH": Path(torch.__file__).parent,
        "CMAKE_CXX_COMPILER": tools.compiler,
        "CMAKE_MAKE_PROGRAM": tools.builder,
    }
    defined = [f"-D{name}={value}" for name, value in options.items()]
    _call([tools.cmake, "-S", str(SOURCES), "-B", str(folder), "-G", generator, *defined], folder.parent, BUILD_SECONDS)


def build(program: Program, tools: Tools, folder: Path) -> Path:
    """Build a program in a configured folder and return its file.

    Raises:
        NotBuiltError: the compiler failed.
    """
    _call([tools.cmake, "--build", str(folder), "--target", program], folder.parent, BUILD_SECONDS)
    return folder / program


def run(program: Path, model: Path, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what a program prints for a model's file and a batch of inputs: numbers, a row for each example.

    Raises:
        NotBuiltError: it failed, or printed something else.
    """
    numbers = model.with_suffix(".inputs")
    numbers.write_bytes(np.ascontiguousarray(inputs, dtype="<f4").tobytes())
    printed = _call([str(program), str(model), str(numbers), *map(str, inputs.shape)], model.parent, RUN_SECONDS)
    try:
        rows = np.array([line.split() for line in printed.splitlines()], dtype=np.float32)
    except ValueError:
        rows = np.empty((0, 0), np.float32)
    if rows.ndim != 2 or len(rows) != len(inputs):
        raise NotBuiltError(f"{program.name} printed no row of numbers for each of the {len(inputs)} inputs.")
    return rows


def version(tools: Tools) -> str:
    """Return what the compiler says of itself first, as in ``g++ (Debian 12.2.0-14) 12.2.0``.

    Raises:
        NotBuiltError: it does not run.
    """
    return _call([tools.compiler, "--version"], SOURCES, RUN_SECONDS).strip().splitlines()[0]


def digest_of_sources() -> str:
    """Return the SHA-256 of the files that the programs are built from."""
    files = sorted(path for path in SOURCES.iterdir() if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _call(command: Sequence[str], folder: Path, seconds: float) -> str:
    """Return what a command prints; one thread, so that sums are split as in this process.

    ``folder`` is what temporary files are in; its path stands in no message, because messages are to repeat.
    """
    name = Path(command[0]).name
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - the user's own tools, and what they built
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotBuiltError(f"{name} did not end well ({type(error).__name__}).") from None
    if done.returncode:
        said = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        worst = next((line for line in said if "error" in line.lower()), said[0] if said else "no message")
        raise NotBuiltError(f"{name} failed with status {done.returncode}: {worst.replace(str(folder), '.')}")
    return done.stdout
