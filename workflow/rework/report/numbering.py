"""Doing jobs side by side, in processes of their own, whose results are numbered through.

A job learns only on the way how many numbers it needs, and then where they begin, which depends on the jobs before it.
"""

import multiprocessing
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import TypeVar

from rework.errors import ReportError, ReworkError, StorageError
from rework.system_faults import fault_sentence

Result = TypeVar("Result")
Job = Callable[[Callable[[int], int]], Result]
"""Is given a function that it calls once: with how many numbers it needs; it returns the first of them."""


def run_numbered(jobs: Sequence[Job[Result]], processes: int, sizes: Sequence[int]) -> list[Result]:
    """Do jobs, whose numbers run on from 1, and return their results in order.

    Args:
        jobs: what to do. Results are sent from process to process, so they must be picklable.
        processes: how many are at work at a time, at least one. As many more may wait for their numbers.
        sizes: how much work each job is; the greatest are begun first, so that none is left over at the end.

    Raises:
        ReworkError: a job raised it, or its process came to another end.
    """
    context, running = multiprocessing.get_context("fork"), dict[Connection, tuple[int, BaseProcess]]()
    needed, results, waiting = dict[int, int](), dict[int, Result](), set[int]()
    left, numbered, number = set(range(len(jobs))), 0, 1
    try:
        while len(results) < len(jobs):
            while left and len(running) - len(waiting) < processes:
                # When as many wait as may, the first is begun, whose turn it is or will be next.
                index = max(left, key=lambda one: sizes[one]) if len(waiting) < processes else min(left)
                left.remove(index)
                ours, theirs = context.Pipe()
                words = (jobs[index], theirs, [*running, ours])
                running[ours] = (index, context.Process(target=_work, args=words, daemon=True))
                running[ours][1].start()
                theirs.close()
            for connection in wait(list(running)):
                assert isinstance(connection, Connection)
                index, process = running[connection]
                answer: int | tuple[Result] = _answer(connection, process)
                if isinstance(answer, int):
                    needed[index] = answer
                    waiting.add(index)
                else:
                    (results[index],) = answer
                    del running[connection]
                    process.join()
            while numbered in needed:
                next(connection for connection, (index, _) in running.items() if index == numbered).send(number)
                waiting.remove(numbered)
                number, numbered = number + needed[numbered], numbered + 1
    finally:
        for _, process in running.values():
            process.kill()
    return [results[index] for index in range(len(jobs))]


def _work(job: Job[Result], connection: Connection, inherited: Sequence[Connection]) -> None:
    """Do a job in this process and send the result; a fault that is no declared one ends it with a traceback.

    The other ends of pipes are closed, so that this process ends, and not waits for ever, when its parent was killed.
    """
    for other in inherited:
        other.close()

    def first(count: int) -> int:
        try:
            connection.send(count)
            return int(connection.recv())
        except (EOFError, BrokenPipeError):
            sys.exit("the process that makes the report is gone")

    try:
        connection.send((job(first),))
    except ReworkError as error:
        connection.send(error)
    except (OSError, MemoryError, RuntimeError) as error:
        sentence = fault_sentence(error)
        if sentence is None:
            raise
        connection.send(StorageError(sentence))


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
