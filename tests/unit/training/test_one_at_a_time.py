"""Two trainings of one run: the second stops with a sentence, and a killed one stands in nobody's way."""

import errno
import fcntl
import os
import subprocess
import sys

import pytest
from rework.errors import TrainingError
from rework.training.one_at_a_time import only_training

HOLD = """
import sys, pathlib
from rework.training.one_at_a_time import only_training
with only_training(pathlib.Path(sys.argv[1]), "w/r seed 0"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def checkpoint(tmp_path):
    return tmp_path / "new" / "seed0.pt"


@pytest.fixture
def other(checkpoint):
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(checkpoint)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_the_second_training_names_the_first(checkpoint, other):
    said = rf"^w/r seed 0: process {other.pid} on .* let it end, or stop it"
    with pytest.raises(TrainingError, match=said), only_training(checkpoint, "w/r seed 0"):
        pass


def test_a_killed_training_stands_in_nobodys_way(checkpoint, other):
    other.kill()
    other.wait()
    with only_training(checkpoint, "w/r seed 0"):
        pass


def test_nothing_is_left_and_the_next_one_may_go_on(checkpoint):
    for _ in range(2):
        with only_training(checkpoint, "w/r seed 0"):
            assert list(checkpoint.parent.iterdir()) == [checkpoint.with_name("seed0.pt.lock")]
        assert not list(checkpoint.parent.iterdir())


def test_a_file_that_was_removed_meanwhile_is_not_held(checkpoint, monkeypatch):
    """The holder removes its file before it lets go; who opened it before must not take the lock of a removed file."""
    path, lock, seen = checkpoint.with_name("seed0.pt.lock"), fcntl.flock, []

    def remove_first(descriptor, how):
        if not seen:
            path.unlink()
        seen.append(descriptor)
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", remove_first)
    with only_training(checkpoint, "w/r seed 0"):
        assert len(seen) == 2
        assert path.is_file()


def test_a_file_system_without_locks_is_no_hindrance(checkpoint, monkeypatch):
    def none(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", none)
    with only_training(checkpoint, "w/r seed 0"):
        pass


@pytest.mark.parametrize("kind", ["link", "second name", "pipe"])
def test_what_is_no_lock_is_left_as_it_is(checkpoint, tmp_path, kind):
    """The lock is written into, which must not reach another file."""
    path, other = checkpoint.with_name("seed0.pt.lock"), tmp_path / "thesis.txt"
    path.parent.mkdir()
    other.write_text("years of work")
    {"link": path.symlink_to, "second name": path.hardlink_to, "pipe": lambda _: os.mkfifo(path)}[kind](other)
    said = r"seed0\.pt\.lock: .* is where the lock of a training should be; remove it"
    with pytest.raises(TrainingError, match=said), only_training(checkpoint, "w/r seed 0"):
        pass
    assert other.read_text() == "years of work"


def test_a_lock_that_cannot_be_removed_costs_nothing(checkpoint):
    with only_training(checkpoint, "w/r seed 0"):
        path = checkpoint.with_name("seed0.pt.lock")
        path.unlink()
        path.mkdir()
    assert path.is_dir()
