"""Doing jobs side by side, in processes of their own, whose results are numbered through.

A job learns only on the way how many numbers it needs, and then where they begin, which depends on the jobs before it.
"""

import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TypeVar

from rework.errors import ReportError, ReworkError

Result = TypeVar("Result")
Job = Callable[[Callable[[int], int]], Result]
"""Is given a function that it calls once: with how many numbers it needs; it returns the first of them."""


def run_numbered(jobs: Sequence[Job[Result]], processes: int) -> list[Result]:
    """Do jobs, whose numbers run on from 1, and return their results in order.

    Args:
        jobs: what to do. Results are sent from process to process, so they must be picklable.
        processes: how many are done at a time. They are started in order, so that none waits for one not yet started.

    Raises:
        ReworkError: a job raised it, or its process came to another end.
    """
    context, running = multiprocessing.get_context("fork"), dict[Connection, tuple[int, BaseProcess]]()
    needed, results, started, numbered, number = dict[int, int](), dict[int, Result](), 0, 0, 1
    try:
        while len(results) < len(jobs):
            while started < len(jobs) and len(running) < processes:
                ours, theirs = context.Pipe()
                running[ours] = (started, context.Process(target=_work, args=(jobs[started], theirs), daemon=True))
                running[ours][1].start()
                theirs.close()
                started += 1
            for connection in wait(list(running)):
                assert isinstance(connection, Connection)
                index, process = running[connection]
                answer: int | tuple[Result] = _answer(connection, process)
                if isinstance(answer, int):
                    needed[index] = answer
                else:
                    (results[index],) = answer
                    del running[connection]
            for connection, (index, _) in running.items():  # in order
                if index == numbered and index in needed:
                    connection.send(number)
                    number, numbered = number + needed[index], numbered + 1
    finally:
        for _, process in running.values():
            process.kill()
    return [results[index] for index in range(len(jobs))]


def _work(job: Job[Result], connection: Connection) -> None:
    """Do a job in this process and send the result; a fault that is no declared one ends it with a traceback."""

    def first(count: int) -> int:
        connection.send(count)
        return int(connection.recv())

    try:
        connection.send((job(first),))
    except ReworkError as error:
        connection.send(error)


def _answer(connection: Connection, process: BaseProcess) -> int | tuple[Result]:
    """Return how many numbers a job needs, or its result."""
    try:
        answer: int | tuple[Result] | ReworkError = connection.recv()
    except EOFError:
        process.join()
        reason = "its traceback is above" if process.exitcode == 1 else "was the memory enough?"
        raise ReportError(f"a process that set a chapter ended with status {process.exitcode}; {reason}") from None
    if isinstance(answer, ReworkError):
        raise answer
    return answer
