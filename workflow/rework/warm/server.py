"""The warm server: imports the large packages once, then forks for each job.

It has one thread, computes nothing and touches no device before it forks, so a fork is as good as a new process. It
exits with the process that started it.
"""

import array
import atexit
import ctypes
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rework.warm.client import ACCEPTED, REFUSED, THREADS, interpreter

PRELOADED = (
    "rework.steps.train",
    "rework.steps.evaluate",
    "rework.training.tasks.classification",
    "rework.training.tasks.words",
    "rework.steps.fit",
    "rework.steps.artefact",
    "rework.artefacts.recipes.accuracy_table",
    "rework.artefacts.recipes.learning_curves",
    "matplotlib.backends.backend_svg",
    "torch._dynamo",  # torch imports it with the first optimiser: 1.6 s of each training
    "torchvision.models",
    "scipy.stats",
)
"""What most jobs import, and what that imports."""

_LOOK_SECONDS = 1.0
_RECEIVE_SECONDS = 5.0  # a client sends its request at once
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class _Job:
    """A step run by a fork of this process, and the connection to the process that waits for it."""

    process: int
    connection: socket.socket


class Server:
    """Listens on a socket and forks for each job that may run here.

    Args:
        address: path of the socket; until it exists, jobs run in their own processes.
        parent: the process whose end also ends this one.
    """

    def __init__(self, address: Path, parent: int) -> None:
        self.address = address
        self.parent = parent
        self._jobs: dict[int, _Job] = {}
        self._forked = self._refused = 0
        self._interpreter = interpreter()  # before anything is imported that a later edit could change
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()

    def serve(self, modules: Iterable[str] = PRELOADED) -> None:
        """Import the modules, then serve until the parent ends or SIGTERM arrives; running jobs are then killed.

        Jobs that come before the end of the imports wait for it: by themselves they would import the same beside it.
        """
        stopped = False

        def stop(_number: int, _frame: Any) -> None:
            nonlocal stopped
            stopped = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the jobs' own processes, which pass it on
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            partial = self.address.with_name(f"{self.address.name}.new")
            listener.bind(str(partial))
            listener.listen(64)
            partial.rename(self.address)  # jobs see it only from now on
            try:
                for module in modules:
                    if not stopped:
                        importlib.import_module(module)
                gc.collect()
                gc.freeze()  # forks share these pages as long as the garbage collector does not write to them
                self._watch(listener)
                while not stopped and os.getppid() == self.parent:
                    self._turn(listener)
            finally:
                self.address.unlink(missing_ok=True)
                for job in self._jobs.values():
                    with suppress(ProcessLookupError):
                        os.kill(job.process, signal.SIGKILL)
                sys.stdout.write(f"{self._forked} jobs ran in forks, {self._refused} were refused\n")

    def _watch(self, listener: socket.socket) -> None:
        """Let a new job, and a child that has ended, end the wait of a turn."""
        self._woken.setblocking(False)
        self._wake.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)

    def _turn(self, listener: socket.socket) -> None:
        for key, _ in self._selector.select(_LOOK_SECONDS):
            if key.fileobj is listener:
                self._accept(listener)
            elif key.fileobj is self._woken:
                with suppress(BlockingIOError):
                    self._woken.recv(4096)
            else:
                self._hear(key.data)
        self._reap()

    def _accept(self, listener: socket.socket) -> None:
        """Accept or refuse a job; whatever goes wrong with one must not end the others."""
        try:
            connection, _ = listener.accept()
        except OSError:  # for example, no descriptor is free
            time.sleep(0.1)
            return
        streams: list[int] = []
        try:
            connection.settimeout(_RECEIVE_SECONDS)
            request = _receive(connection, streams)
            connection.settimeout(None)
            here = self._equal_here(request) and not _is_gone(connection)
            process = self._fork(request, streams, connection, listener) if here else None
        except (OSError, ValueError, LookupError, TypeError):
            process = None
        finally:
            for stream in streams:
                os.close(stream)
        with suppress(OSError):
            connection.sendall(REFUSED if process is None else ACCEPTED)
        if process is None:
            self._refused += 1
            connection.close()
            return
        self._forked += 1
        self._jobs[process] = _Job(process, connection)
        self._selector.register(connection, selectors.EVENT_READ, self._jobs[process])

    def _equal_here(self, request: dict[str, Any]) -> bool:
        """Return whether the job's own process would have the same interpreter, library and threads as this one."""
        environment = request["environment"]
        threads = all(environment.get(name) == os.environ.get(name) for name in THREADS)
        return threads and request["interpreter"] == self._interpreter

    def _fork(
        self, request: dict[str, Any], streams: list[int], connection: socket.socket, listener: socket.socket
    ) -> int:
        """Return the process of a step, with signals held back until it has its own handlers."""
        server = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            process = os.fork()
            if process == 0:
                listener.close()
                connection.close()
                _run(request, streams, server)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        return process

    def _hear(self, job: _Job) -> None:
        """Pass signals on to a job, and kill it if the process waiting for it is gone."""
        try:
            numbers = job.connection.recv(64)
        except OSError:
            numbers = b""
        with suppress(ProcessLookupError):
            for number in numbers or [signal.SIGKILL]:
                os.kill(job.process, number)
        if not numbers:
            self._selector.unregister(job.connection)

    def _reap(self) -> None:
        while self._jobs:
            process, status = os.waitpid(-1, os.WNOHANG)
            if process == 0:
                return
            job = self._jobs.pop(process)
            with suppress(KeyError):
                self._selector.unregister(job.connection)
            code = os.waitstatus_to_exitcode(status)
            with suppress(OSError):
                job.connection.sendall((code if code >= 0 else 128 - code).to_bytes(4, "big", signed=True))
            job.connection.close()


def _receive(connection: socket.socket, streams: list[int]) -> dict[str, Any]:
    """Return a request, and add the standard streams of its process to ``streams``."""
    numbers = array.array("i")
    head, ancillary, _, _ = connection.recvmsg(8, socket.CMSG_SPACE(3 * numbers.itemsize))
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            numbers.frombytes(content[: len(content) - len(content) % numbers.itemsize])
    streams += numbers
    length, parts = int.from_bytes(head, "big"), b""
    while len(parts) < length:
        part = connection.recv(length - len(parts))
        if not part:
            raise ValueError("the request ended early")
        parts += part
    request: dict[str, Any] = json.loads(parts)
    return request


def _is_gone(connection: socket.socket) -> bool:
    """Return whether the process that sent a request has ended meanwhile, as it may during the imports."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False


def _run(request: dict[str, Any], streams: list[int], server: int) -> None:
    """Become the process of a step, and end with its exit status."""
    status = 1
    try:
        # Whatever happens to the server must not leave a step running that nobody waits for.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server:
            return
        signal.set_wakeup_fd(-1)
        for caught in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(caught, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        for place, stream in enumerate(streams):
            os.dup2(stream, place)
            os.close(stream)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.argv = ["rework", *request["argv"]]
        # The standard streams of a new process; os._exit closes them.
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False, buffering=1, errors="backslashreplace")  # noqa: SIM115
        gc.unfreeze()
        from rework.cli import main

        status = main(request["argv"])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    Server(Path(sys.argv[1]), os.getppid()).serve()
