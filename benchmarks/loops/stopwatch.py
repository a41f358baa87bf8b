"""How long a step takes, of loops that yield after each and of the engine's own."""

import io
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from rework.training.checkpoint import CheckpointFile
from rework.training.determinism import make_deterministic
from rework.training.loop import Training
from rework.training.progress import Progress

from loops.plain import plain_loop
from loops.protocols import Problem
from loops.writeup import writeup_loop

WARM_UP_SECONDS = 0.5
WARM_UP_STEPS = 2
STEPS = 3  # at least, however long they take


@dataclass(frozen=True)
class Pace:
    """Milliseconds per step, on the clock and of this process's processors (its workers' do not count)."""

    wall: float
    cpu: float


class Stopwatch:
    """Leaves the first steps out, and says when enough have been timed."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.created = time.perf_counter()
        self.first: int | None = None

    def is_enough(self, steps: int) -> bool:
        """Return whether to stop after so many steps."""
        now = time.perf_counter()
        if self.first is None:
            if now - self.created >= WARM_UP_SECONDS and steps >= WARM_UP_STEPS:
                self.first, self.wall, self.cpu = steps, time.perf_counter(), time.process_time()
            return False
        if now - self.wall < self.seconds or steps - self.first < STEPS:
            return False
        milliseconds = 1000 / (steps - self.first)
        self.pace = Pace((now - self.wall) * milliseconds, (time.process_time() - self.cpu) * milliseconds)
        return True


class Loop:
    """A training that is run for some seconds at a time."""

    def pace(self, seconds: float) -> Pace:
        """Go on with the training and time it."""
        raise NotImplementedError

    def close(self) -> None:
        """End it, and its workers."""


class YieldingLoop(Loop):
    """A loop that yields after each step, with some threads and torch's own settings."""

    def __init__(self, loop: Callable[[Problem], Iterator[None]], problem: Problem, threads: int) -> None:
        self.steps: Any = loop(problem)
        self.threads = threads

    def pace(self, seconds: float) -> Pace:
        """Go on with the training and time it."""
        torch.set_num_threads(self.threads)
        torch.set_deterministic_debug_mode("default")
        watch = Stopwatch(seconds)
        for count, _ in enumerate(self.steps, start=1):
            if watch.is_enough(count):
                break
        return watch.pace

    def close(self) -> None:
        """End it, and its workers."""
        self.steps.close()


class EnoughError(Exception):
    """The engine's steps have been timed for long enough."""


class TimingProgress(Progress):
    """Times the steps between the moments at which the engine says how many it has done."""

    def __init__(self, training: Training, seconds: float) -> None:
        super().__init__("benchmark", training.settings.epochs, training.total_steps, stream=io.StringIO())
        self.watch = Stopwatch(seconds)
        self.before = training.steps_done

    def at(self, step: int) -> None:
        """Stop the training when it has been timed for long enough."""
        if self.watch.is_enough(step - self.before):
            raise EnoughError


class NoCheckpoint(CheckpointFile):
    """Keeps nothing: a full run writes one a minute."""

    def save(self, state: dict[str, Any]) -> None:
        """Do nothing."""


class EngineLoop(Loop):
    """(c) The engine, with the run's own settings."""

    def __init__(self, problem: Problem) -> None:
        self.training = Training(replace(problem.settings, epochs=10**6), problem.dataset, torch.device("cpu"))

    def pace(self, seconds: float) -> Pace:
        """Go on with the training and time it."""
        make_deterministic(self.training.settings.threads)
        progress = TimingProgress(self.training, seconds)
        try:
            self.training.run(NoCheckpoint(Path(os.devnull), ""), progress, checkpoint_seconds=3600)
        except EnoughError:
            return progress.watch.pace
        raise AssertionError("the training has more epochs than there is time for")


def loops(problem: Problem) -> dict[str, Loop]:
    """Return the loops to compare, by the letters of the table's columns."""
    return {
        "a": YieldingLoop(writeup_loop, problem, os.cpu_count() or 1),
        "b": YieldingLoop(plain_loop, problem, 1),
        "c": EngineLoop(problem),
    }
