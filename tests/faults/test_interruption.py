"""Trainings that are killed or interrupted end with the same bytes as an uninterrupted one.

Real processes and real signals. One that is to be interrupted writes a checkpoint after every step and tells this
process of each. Some checkpoints after the one that a test waits for, it waits for its signal: on a busy machine that
comes late, and the training must not end before.
"""

import io
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import time
from functools import partial

import pytest
import torch
from forked_steps import end_step, log_file, run_forked, start_step
from prepared_steps import die_before_the_results, tell_of_checkpoints
from rework.paths import checkpoint_file, run_dir
from tiny_runs import WORKFLOW, a_run, read_json, run_step, step_command, step_environment, write_tiny_dataset

pytestmark = pytest.mark.slow

SETTINGS = a_run(epochs=4)
EXAMPLES = 400
AFTER_EVERY_STEP = ("--checkpoint-seconds", "0")
RESULT_FILES = ("weights.safetensors", "history.csv")
# Steps that a training may make while its signal is on the way. Three starts with these are fewer than 200 steps.
HEAD_START = 20


def result_bytes(results):
    directory = run_dir(results, "tests", "cnn", 0)
    return {name: (directory / name).read_bytes() for name in RESULT_FILES}


def provenance(results):
    return read_json(run_dir(results, "tests", "cnn", 0) / "provenance.json")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """Return the bytes of a training that nothing interrupted."""
    results = tmp_path_factory.mktemp("uninterrupted")
    write_tiny_dataset(results, examples=EXAMPLES)
    done = run_step("train", SETTINGS, results)
    assert done.returncode == 0, done.stderr
    assert provenance(results)["resumed"] == 0
    return result_bytes(results)


@pytest.fixture
def results(tmp_path):
    """Return a results folder with the same data set."""
    write_tiny_dataset(tmp_path, examples=EXAMPLES)
    return tmp_path


def told(pipe):
    """Wait for the next word of a pipe; return whether there is one, or the process at its other end has ended."""
    assert pipe.poll(120), "the training neither goes on nor ends"
    try:
        return bool(pipe.recv())
    except (EOFError, ConnectionResetError):
        return False


def interrupt(results, number, checkpoints=5, delay=0.0):
    """Start the training, send it a signal some seconds after some checkpoints; return status and log."""
    told_here, told_there = multiprocessing.Pipe(duplex=False)
    tell = partial(tell_of_checkpoints, told_there, checkpoints + HEAD_START)
    process = start_step("train", SETTINGS, results, *AFTER_EVERY_STEP, prepare=tell)
    told_there.close()
    try:
        for _ in range(checkpoints):
            assert told(told_here), f"the training ended too early: {log_file(results).read_text()}"
        time.sleep(delay)
        os.kill(process.pid, number)
        while told(told_here):
            pass
    except BaseException:
        process.kill()
        raise
    finally:
        told_here.close()
        status = end_step(process)
    assert not run_dir(results, "tests", "cnn", 0).exists(), "results were written before the training ended"
    return status, log_file(results).read_text()


def position(results):
    """Return the finished epochs and the steps of the next one that the checkpoint holds."""
    stored = checkpoint_file(results, "tests", "cnn", 0).read_bytes().partition(b"\n")[2]  # after its checksum
    content = torch.load(io.BytesIO(stored), weights_only=True)
    return len(content["state"]["history"]), len(content["state"]["record"]["losses"])


def finish(results):
    """Run the training to its end and return its log."""
    status, log = run_forked("train", SETTINGS, results)
    assert status == 0, log
    return log


def finish_with(library, results):
    """Run the training to its end with the code of another library, and return its log."""
    command = step_command("train", SETTINGS, results)
    environment = {**step_environment(), "PYTHONPATH": str(library)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory):
    """Return a results folder with the checkpoint of an interrupted training."""
    folder = tmp_path_factory.mktemp("interrupted") / "results"
    write_tiny_dataset(folder, examples=EXAMPLES)
    interrupt(folder, signal.SIGTERM)
    return folder


@pytest.fixture
def to_continue(interrupted, tmp_path):
    """Return a copy of that folder."""
    return shutil.copytree(interrupted, tmp_path / "results")


def test_sigkill_at_random_moments(results, uninterrupted):
    moments = random.Random(11)
    positions = []
    for _ in range(3):
        status, _ = interrupt(results, signal.SIGKILL, moments.randint(1, 20), moments.uniform(0, 0.02))
        assert status == -signal.SIGKILL
        positions.append(position(results))
    assert positions == sorted(set(positions)), "each start went on from the checkpoint of the one before"
    assert any(steps > 0 for _, steps in positions), "a checkpoint in the middle of an epoch was resumed"
    assert "continues after" in finish(results)
    assert result_bytes(results) == uninterrupted
    assert provenance(results)["resumed"] == 3
    leftovers = list(checkpoint_file(results, "tests", "cnn", 0).parent.iterdir())
    assert leftovers == [], "the checkpoint and partial files are gone"


def test_signals_leave_a_checkpoint(results, uninterrupted):
    for number, expected in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
        before = (0, 0) if number is signal.SIGINT else position(results)
        status, log = interrupt(results, number)
        assert status == expected
        assert f"stopped by {number.name}" in log
        assert "Traceback" not in log
        assert position(results) > before
    finish(results)
    assert result_bytes(results) == uninterrupted
    assert provenance(results)["resumed"] == 3


def test_killed_after_the_last_epoch_and_before_the_results(results, uninterrupted):
    """The checkpoint of the last epoch alone is enough to write the results again."""
    assert run_forked("train", SETTINGS, results, prepare=die_before_the_results)[0] == -signal.SIGKILL
    assert position(results) == (SETTINGS.epochs, 0)
    finish(results)
    assert result_bytes(results) == uninterrupted


def test_a_checkpoint_with_one_flipped_bit_costs_time_and_nothing_else(to_continue, uninterrupted):
    checkpoint = checkpoint_file(to_continue, "tests", "cnn", 0)
    content = bytearray(checkpoint.read_bytes())
    content[len(content) // 2] ^= 1
    checkpoint.write_bytes(content)
    assert "is damaged and is ignored" in finish(to_continue)
    assert result_bytes(to_continue) == uninterrupted
    assert provenance(to_continue)["resumed"] == 0


@pytest.mark.parametrize("changed", ["rework/training/loop.py", "envs/training.yaml"])
def test_a_checkpoint_is_not_continued_by_other_code_or_packages(to_continue, uninterrupted, tmp_path_factory, changed):
    library = tmp_path_factory.mktemp("edited") / "workflow"
    shutil.copytree(WORKFLOW, library, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(WORKFLOW.parent / "envs", library.parent / "envs")
    path = (library if changed.startswith("rework") else library.parent) / changed
    added = "\n_ADDED_BY_A_TEST = 1\n" if path.suffix == ".py" else '\n      - "added-by-a-test==1"\n'
    path.write_text(path.read_text() + added)
    assert "is of other settings, code, packages, data or kind of device" in finish_with(library, to_continue)
    assert result_bytes(to_continue) == uninterrupted, "what was added changes no number"
    assert provenance(to_continue)["resumed"] == 0
