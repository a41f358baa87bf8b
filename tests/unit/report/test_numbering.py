"""Jobs that are done side by side and numbered through."""

import contextlib
import errno
import itertools
import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest
from rework.errors import ReportError, StorageError
from rework.report.numbering import run_numbered


def job(count, pause, first):
    time.sleep(pause)
    return first(count), count


def fails(error, first):
    first(1)
    raise error


def fills_the_disk(_):
    raise OSError(errno.ENOSPC, "No space left on device", "/somewhere/chapter.pdf")


def tells(pipe, pause, first):
    os.write(pipe, f"{os.getpid()}\n".encode())
    time.sleep(pause)
    first(1)


def alive(process):
    """Return whether a process is there and not only waits to be reaped."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def dies(first):
    first(1)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_numbers_run_on_whatever_ends_first(processes):
    jobs = [partial(job, count, pause) for count, pause in ((3, 0.1), (1, 0), (4, 0.05), (2, 0))]
    for sizes in itertools.permutations(range(4)):
        assert run_numbered(jobs, processes, sizes) == [(1, 3), (4, 1), (5, 4), (9, 2)]


def test_no_jobs_have_no_results():
    assert run_numbered([], 2, []) == []


def test_a_declared_error_comes_through():
    with pytest.raises(StorageError, match="no space"):
        run_numbered([partial(job, 1, 0), partial(fails, StorageError("no space"))], 2, [1, 1])


def test_a_bug_is_told_with_its_traceback(capfd):
    with pytest.raises(ReportError, match=r"status 1; its traceback is above"):
        run_numbered([partial(fails, ZeroDivisionError("a bug"))], 1, [1])
    assert "ZeroDivisionError: a bug" in capfd.readouterr().err


def test_a_killed_process_is_told():
    with pytest.raises(ReportError, match=r"status -9; was the memory enough\?"):
        run_numbered([dies, partial(job, 1, 0)], 2, [1, 1])


def test_no_space_is_one_line():
    with pytest.raises(StorageError, match=r"/somewhere/chapter\.pdf: not all of it could be written"):
        run_numbered([fills_the_disk], 1, [1])


def test_what_waits_for_a_number_ends_with_the_process_that_gives_it():
    """The first job takes longer than its parent lives, so that the others never get theirs."""
    told, tell = os.pipe()
    parent = os.fork()
    if not parent:
        run_numbered([partial(tells, tell, 60), partial(tells, tell, 0), partial(tells, tell, 0)], 3, [3, 2, 1])
        os._exit(0)
    os.close(tell)
    with os.fdopen(told) as lines:
        first, *others = [int(lines.readline()) for _ in range(3)]
    try:
        time.sleep(0.2)  # until they wait
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)
        end = time.monotonic() + 30
        while any(map(alive, others)):
            assert time.monotonic() < end, "they wait for ever"
            time.sleep(0.05)
    finally:
        for process in (first, *others):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
