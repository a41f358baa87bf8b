"""The job's side: hand the job to the warm server named in the environment, or report that it must run here.

This module is imported by every job before anything else, so it imports nothing slow.
"""

import array
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

ADDRESS = "REWORK_WARM"
"""The environment variable that names the server's socket."""

THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "MKL_NUM_THREADS"),
    *("NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
)
"""Variables that libraries read once, when they are loaded: a server with other values computes otherwise."""

ACCEPTED, REFUSED = b"+", b"-"
_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def interpreter() -> list[str]:
    """Return what client and server must share besides the threads: interpreter, packages, and current library code.

    A server that has imported the library must not run a step after a module was edited: the result would be recorded
    as coming from the new code.
    """
    library = str(Path(__file__).resolve().parents[1])
    return [sys.executable, os.path.realpath(sys.prefix), library, *sorted(_modules(library))]


def _modules(folder: str) -> Iterator[str]:
    """Yield the path, size and modification time of each module below a folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _modules(entry.path)
            elif entry.name.endswith(".py"):
                found = entry.stat()
                yield f"{entry.path} {found.st_size} {found.st_mtime_ns}"


def run_warm(argv: Sequence[str]) -> int | None:
    """Run a step in the warm server; return its exit status, or None if it must run in this process.

    SIGINT, SIGTERM and SIGHUP are passed on to it; if this process is killed, the server kills the step.
    """
    address = os.environ.get(ADDRESS)
    if not address:
        return None
    request = {
        "argv": list(argv),
        "cwd": str(Path.cwd()),
        "environment": dict(os.environ),
        "interpreter": interpreter(),
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(address)
            _send(connection, json.dumps(request).encode())
            if connection.recv(1) != ACCEPTED:
                return None
        except OSError:
            return None
        return _wait(connection)


def _send(connection: socket.socket, message: bytes) -> None:
    """Send the length of a message together with the standard streams, then the message itself."""
    streams = array.array("i", [0, 1, 2])
    length = len(message).to_bytes(8, "big")
    connection.sendmsg([length], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
    connection.sendall(message)


def _wait(connection: socket.socket) -> int:
    def forward(number: int, _frame: FrameType | None) -> None:
        connection.sendall(bytes([number]))

    for number in _FORWARDED:
        signal.signal(number, forward)
    answer = connection.recv(4)
    if len(answer) < 4:
        sys.stderr.write("error: the process that ran this step ended without a result\n")
        return 1
    return int.from_bytes(answer, "big", signed=True)
