"""Timing of commands."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path


def measure(
    action: Callable[[], object], repeats: int, prepare: Callable[[], object] | None = None
) -> tuple[float, ...]:
    """Return the seconds of a few calls of an action, each after a preparation that is not timed."""
    times = []
    for _ in range(repeats):
        if prepare is not None:
            prepare()
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return tuple(times)


def call(folder: Path, *command: str, environment: Mapping[str, str] | None = None) -> None:
    """Run a command.

    Raises:
        SystemExit: it failed; the message is the end of what it said.
    """
    variables = {**os.environ, **(environment or {})}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-4000:]}")
