"""Faults of the operating system: one line with path and reason, whichever library meets them."""

import errno
import json
import os
import resource
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from rework.cli import main
from rework.errors import StorageError
from rework.files import atomic_path, write_bytes
from rework.paths import checkpoint_file, run_dir
from rework.settings.run import OptimiserSettings
from rework.system_faults import fault_number, fault_sentence
from safetensors import SafetensorError
from tiny_runs import a_run, run_step, step_command, step_environment, write_tiny_dataset

# A device of the kernel on which every write finds the disk full. No library gets its name: some would replace it.
FULL = Path("/dev/full")
NOISE = np.random.default_rng(0).integers(0, 255, (900, 900, 3), np.uint8)


def write_zip(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", bytes(100_000))


def write_safetensors(_file):
    raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")


WRITERS = {
    "bytes": lambda file: file.write(bytes(100_000)),
    "numpy": lambda file: np.save(file, NOISE),
    "numpy's own": lambda file: NOISE.tofile(file),
    "torch": lambda file: torch.save(torch.zeros(100_000), file),
    "safetensors": write_safetensors,
    "picture": lambda file: Image.fromarray(NOISE).save(file, "PNG"),
    "zip": write_zip,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_full_disk_is_known_in_the_words_of_every_library(tmp_path, writer):
    with pytest.raises((OSError, RuntimeError, SafetensorError)) as caught, FULL.open("wb", buffering=0) as file:
        WRITERS[writer](file)
    assert fault_number(caught.value) == errno.ENOSPC
    said = fault_sentence(caught.value, tmp_path / "new" / "weights")
    assert said.startswith(f"{tmp_path}/new/weights: ")
    assert f"MB are free in {tmp_path}; make room" in said
    assert "\n" not in said


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), ValueError("3"), OSError("cannot identify image")])
def test_other_faults_are_left_as_they_are(error):
    assert fault_sentence(error) is None
    with pytest.raises(type(error)), atomic_path(Path("never")):
        raise error
    assert not Path("never").exists()


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, f"permission denied; {{folder}} belongs to user {os.getuid()}, and you are user {os.getuid()}"),
        (errno.EDQUOT, "the quota of this user"),
        (errno.EIO, "the disk reports an input or output error"),
    ],
)
def test_a_fault_while_writing_names_the_file_and_leaves_nothing(tmp_path, number, said):
    path = tmp_path / "result.json"
    path.write_text("before")

    def fail():
        with atomic_path(path) as partial:
            partial.write_text("half")
            raise OSError(number, os.strerror(number))

    with pytest.raises(StorageError, match=r"result\.json") as caught:
        fail()
    assert said.format(folder=path) in str(caught.value)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_fault_of_a_file_that_is_read_is_not_one_of_the_file_that_is_written(tmp_path):
    with pytest.raises(FileNotFoundError, match="missing"), atomic_path(tmp_path / "a") as partial:
        partial.write_bytes((tmp_path / "missing").read_bytes())


TORCH = (
    "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate "
)
CUDA = (
    "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 14.58 GiB of which 13.9 GiB is "
    "free. Process 1 has 600.00 MiB memory in use.\nOf the allocated memory 486 MiB is allocated by PyTorch."
)


def huge_array():
    np.empty((10**6, 10**6, 100))


def huge_tensor():
    torch.empty(10**15)


def endless_tensor():
    torch.empty(2**62, 2**62)


def endless_array():
    np.empty((2**62, 2**62))


def raising(error):
    def fail():
        raise error

    return fail


@pytest.mark.parametrize(
    ("fail", "said"),
    [
        (huge_array, ": it was asked for 728 TiB, an array with shape (1000000, 1000000, 100); make the network"),
        (huge_tensor, ": it was asked for 3.553 PiB; make the network, the data set or batch_size smaller"),
        (endless_tensor, "the memory of this machine is not enough; make"),
        (endless_array, "the memory of this machine is not enough; make"),
        (
            raising(RuntimeError(TORCH + "4096000000 bytes. Error code 12")),
            "asked for 3.815 GiB; make",
        ),
        (raising(MemoryError()), "the memory of this machine is not enough; make"),
        (raising(OSError(errno.ENOMEM, "Cannot allocate memory")), "the memory of this machine is not enough; make"),
        (raising(RuntimeError("std::bad_alloc")), "the memory of this machine is not enough; make"),
        (
            raising(torch.OutOfMemoryError(CUDA)),
            "the memory of the GPU is not enough: it was asked for 20 GiB; lower",
        ),
        (raising(RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED")), "the memory of the GPU is not enough; lower"),
    ],
)
def test_a_lack_of_memory_is_one_line_with_what_was_asked_for(fail, said):
    with pytest.raises((MemoryError, RuntimeError, OSError, ValueError)) as caught:
        fail()
    found = fault_sentence(caught.value)
    assert said in found
    assert "\n" not in found
    assert found.endswith(("--cores", "device: cpu"))


def test_a_lack_of_memory_in_a_step_is_no_traceback(monkeypatch, capsys):
    monkeypatch.setattr("rework.steps.check.load_catalogue", lambda *_: torch.empty(10**15))
    assert main(["check"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: the memory of this machine is not enough: it was asked for 3.553 PiB; ")
    assert said.count("\n") == 1


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(StorageError) as caught:
        write_bytes(tmp_path / "results" / "full" / "a.json", b"")
    assert str(caught.value) == (
        f"{tmp_path}/results/full/a.json: a file is where a folder should be, {tmp_path}/results; move it away"
    )


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path):
    (tmp_path / "a.json").mkdir()
    with pytest.raises(StorageError, match=r"a\.json: a folder is where a file should be"):
        write_bytes(tmp_path / "a.json", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_no_temporary_folder_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/nowhere"])
    assert main(["weights", "squeezenet-1-1", "--edition", "sample", "--results", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: no such file or folder: No usable temporary directory found in ['/nowhere']")
    assert said.endswith("; set TMPDIR to a folder that can be written\n")


def test_the_end_of_whoever_reads_the_output_is_no_fault():
    command = [sys.executable, "-m", "rework", "check"]
    with subprocess.Popen(command, env=step_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (141, b"")


def test_a_full_disk_behind_the_output_is_one_line():
    with FULL.open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "rework", "check"],
            env=step_environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("error: the disk is full: ")
    assert done.stderr.count("\n") == 1


def test_a_checkpoint_that_cannot_be_written_is_a_note_and_the_training_goes_on(tmp_path):
    """A limit of the size of files lies between the weights and the checkpoint, which is three times as large."""
    settings = a_run(epochs=2, optimiser=OptimiserSettings("adam", 0.001))
    whole, short = tmp_path / "whole", tmp_path / "short"
    for results in (whole, short):
        write_tiny_dataset(results)
    assert run_step("train", settings, whole).returncode == 0
    weights = run_dir(whole, "tests", "cnn", 0) / "weights.safetensors"
    limit = 2 * weights.stat().st_size
    done = subprocess.run(
        step_command("train", settings, short, "--checkpoint-seconds", "0"),
        env=step_environment(), capture_output=True, text=True, timeout=300, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("no checkpoint could be written, and the training goes on") == 1
    assert f"{checkpoint_file(short, 'tests', 'cnn', 0)}: " in done.stderr
    for name in ("weights.safetensors", "history.csv"):
        made = run_dir(short, "tests", "cnn", 0) / name
        assert made.read_bytes() == (weights.parent / name).read_bytes()
    assert list(checkpoint_file(short, "tests", "cnn", 0).parent.iterdir()) == []
    assert json.loads((weights.parent / "provenance.json").read_text())["resumed"] == 0


def test_weights_that_cannot_be_written_are_one_line(tmp_path):
    write_tiny_dataset(tmp_path)
    done = subprocess.run(
        step_command("train", a_run(epochs=1), tmp_path),
        env=step_environment(), capture_output=True, text=True, timeout=300, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(f"error: {tmp_path}/runs/tests/cnn/seed0/weights.safetensors: the file is too large")
    assert list(run_dir(tmp_path, "tests", "cnn", 0).iterdir()) == []
