"""Trainings that are killed or interrupted end with the same bytes as an uninterrupted one.

Real processes and real signals. Every test first sees the checkpoint change, so the signal meets a running training.
"""

import io
import random
import shutil
import signal
import subprocess
import time

import pytest
import torch
from rework.paths import checkpoint_file, run_dir
from tiny_runs import WORKFLOW, a_run, read_json, run_step, step_command, step_environment, write_tiny_dataset

pytestmark = pytest.mark.slow

# Some 2000 steps: several times as long as all the stretches that a test lets it run before its signals.
SETTINGS = a_run(epochs=4)
OPTIONS = ("--checkpoint-seconds", "0.1")
RESULT_FILES = ("weights.safetensors", "history.csv")


def result_bytes(results):
    directory = run_dir(results, "tests", "cnn", 0)
    return {name: (directory / name).read_bytes() for name in RESULT_FILES}


def provenance(results):
    return read_json(run_dir(results, "tests", "cnn", 0) / "provenance.json")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """Return the bytes of a training that nothing interrupted."""
    results = tmp_path_factory.mktemp("uninterrupted")
    write_tiny_dataset(results, examples=4000)
    done = run_step("train", SETTINGS, results)
    assert done.returncode == 0, done.stderr
    assert provenance(results)["resumed"] == 0
    return result_bytes(results)


@pytest.fixture
def results(tmp_path):
    """Return a results folder with the same data set."""
    write_tiny_dataset(tmp_path, examples=4000)
    return tmp_path


def stamp(path):
    return path.stat().st_mtime_ns if path.exists() else None


def interrupt(results, number, delay):
    """Start the training, send it a signal ``delay`` seconds after its first checkpoint; return status and log."""
    checkpoint = checkpoint_file(results, "tests", "cnn", 0)
    before = stamp(checkpoint)
    process = subprocess.Popen(
        step_command("train", SETTINGS, results, *OPTIONS),
        env=step_environment(),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 120
        while stamp(checkpoint) == before:
            assert process.poll() is None, f"the training ended too early: {process.stderr.read()}"
            assert time.monotonic() < deadline, "no checkpoint appeared"
            time.sleep(0.005)
        time.sleep(delay)
        assert process.poll() is None, "the training ended before the signal"
        process.send_signal(number)
        _, log = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert not run_dir(results, "tests", "cnn", 0).exists(), "results were written before the training ended"
    return process.returncode, log


def position(results):
    """Return the finished epochs and the steps of the next one that the checkpoint holds."""
    stored = checkpoint_file(results, "tests", "cnn", 0).read_bytes().partition(b"\n")[2]  # after its checksum
    content = torch.load(io.BytesIO(stored), weights_only=True)
    return len(content["state"]["history"]), len(content["state"]["record"]["losses"])


def finish(results, library=WORKFLOW):
    """Run the training to its end, with the code of a library."""
    command = step_command("train", SETTINGS, results, *OPTIONS)
    environment = {**step_environment(), "PYTHONPATH": str(library)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done


def test_sigkill_at_random_moments(results, uninterrupted):
    delays = random.Random(11)
    positions = []
    for _ in range(3):
        status, _ = interrupt(results, signal.SIGKILL, delays.uniform(0, 0.2))
        assert status == -signal.SIGKILL
        positions.append(position(results))
    assert positions == sorted(set(positions)), "each start went on from the checkpoint of the one before"
    assert any(steps > 0 for _, steps in positions), "a checkpoint in the middle of an epoch was resumed"
    done = finish(results)
    assert "continues after" in done.stderr
    assert result_bytes(results) == uninterrupted
    assert provenance(results)["resumed"] == 3
    leftovers = list(checkpoint_file(results, "tests", "cnn", 0).parent.iterdir())
    assert leftovers == [], "the checkpoint and partial files are gone"


def test_signals_leave_a_checkpoint(results, uninterrupted):
    for number, expected in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
        before = (0, 0) if number is signal.SIGINT else position(results)
        status, log = interrupt(results, number, 0.05)
        assert status == expected
        assert f"stopped by {number.name}" in log
        assert "Traceback" not in log
        assert position(results) > before
    finish(results)
    assert result_bytes(results) == uninterrupted
    assert provenance(results)["resumed"] == 3


def test_killed_after_the_last_epoch_and_before_the_results(results, uninterrupted):
    """The checkpoint of the last epoch alone is enough to write the results again."""
    script = (
        "import os, signal, sys\n"
        "import rework.steps.train as step\n"
        "step._write_results = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from rework.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    command = step_command("train", SETTINGS, results)
    command[1:3] = ["-c", script]
    killed = subprocess.run(command, env=step_environment(), capture_output=True, timeout=300, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert position(results) == (SETTINGS.epochs, 0)
    finish(results)
    assert result_bytes(results) == uninterrupted


def test_a_checkpoint_with_one_flipped_bit_costs_time_and_nothing_else(results, uninterrupted):
    interrupt(results, signal.SIGTERM, 0.05)
    checkpoint = checkpoint_file(results, "tests", "cnn", 0)
    content = bytearray(checkpoint.read_bytes())
    content[len(content) // 2] ^= 1
    checkpoint.write_bytes(content)
    assert "is damaged and is ignored" in finish(results).stderr
    assert result_bytes(results) == uninterrupted
    assert provenance(results)["resumed"] == 0


@pytest.mark.parametrize("changed", ["rework/training/loop.py", "envs/training.yaml"])
def test_a_checkpoint_is_not_continued_by_other_code_or_packages(results, uninterrupted, tmp_path_factory, changed):
    interrupt(results, signal.SIGTERM, 0.05)
    library = tmp_path_factory.mktemp("edited") / "workflow"
    shutil.copytree(WORKFLOW, library, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(WORKFLOW.parent / "envs", library.parent / "envs")
    path = (library if changed.startswith("rework") else library.parent) / changed
    added = "\n_ADDED_BY_A_TEST = 1\n" if path.suffix == ".py" else '\n      - "added-by-a-test==1"\n'
    path.write_text(path.read_text() + added)
    assert "is of other settings, code, packages, data or kind of device" in finish(results, library).stderr
    assert result_bytes(results) == uninterrupted, "what was added changes no number"
    assert provenance(results)["resumed"] == 0
