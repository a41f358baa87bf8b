"""Places on GPUs: never two jobs in one place, freed however a job ends, and nothing hidden where none is asked for."""

import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from itertools import pairwise

import pytest
from rework import gpu_slots
from rework.errors import ReworkError
from rework.gpu_slots import gpu_slot

# Holds a place, says so, and keeps it until its input ends.
HOLDER = """
import os, sys
from pathlib import Path
from rework.gpu_slots import gpu_slot
with gpu_slot(int(sys.argv[1]), lambda text: print("waits", flush=True), ("0", "1"), Path(sys.argv[2])) as place:
    assert os.environ["CUDA_VISIBLE_DEVICES"] == place.gpu
    print(place.gpu, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holders(tmp_path):
    """Return a function that starts a process which takes a place on one of two GPUs, and its first word."""
    with ExitStack() as stack:

        def start(slots):
            process = subprocess.Popen(
                [sys.executable, "-c", HOLDER, str(slots), str(tmp_path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process, process.stdout.readline().strip()

        yield start


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """Return a temporary folder for the places of this user."""
    monkeypatch.setattr(gpu_slots.tempfile, "gettempdir", lambda: str(tmp_path))
    return tmp_path / f"rework-gpus-{os.getuid()}-{os.uname().nodename}"


def refuse(text):
    raise AssertionError(text)


def give_up(text):
    raise TimeoutError(text)


@pytest.mark.slow
def test_jobs_spread_over_the_gpus_and_the_next_one_waits_for_a_place(holders):
    started = [holders(2) for _ in range(4)]
    assert [gpu for _, gpu in started] == ["0", "1", "0", "1"], "an empty GPU before a second place on another"
    fifth, said = holders(2)
    assert said == "waits"
    started[2][0].stdin.close()
    assert fifth.stdout.readline().strip() == "0"


def test_a_killed_job_leaves_its_place(holders, tmp_path):
    process, gpu = holders(1)
    assert gpu == "0"
    with gpu_slot(1, refuse, ("0", "1"), tmp_path) as other:
        assert other.gpu == "1"
    process.kill()
    process.wait()
    with gpu_slot(1, refuse, ("0", "1"), tmp_path) as freed:
        assert freed.gpu == "0"


def test_places_are_never_given_twice(tmp_path):
    """Many processes ask at once; each says when it had its place."""
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom rework import gpu_slots\ngpu_slots.WAIT_SECONDS = 0.01\n"
        "with gpu_slots.gpu_slot(1, lambda text: None, ('0', '1'), Path(sys.argv[1])) as place:\n"
        "    began = time.monotonic()\n    time.sleep(0.05)\n    print(place.gpu, began, time.monotonic())\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script, str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(8)]
    held = [process.communicate()[0].split() for process in processes]
    for gpu in ("0", "1"):
        times = sorted((float(began), float(ended)) for name, began, ended in held if name == gpu)
        assert all(ended <= began for (_, ended), (began, _) in pairwise(times))
    assert set(Counter(name for name, _, _ in held)) == {"0", "1"}


@pytest.mark.parametrize(("slots", "gpus"), [(0, ("0", "1")), (2, ())])
def test_without_slots_or_gpus_nothing_is_hidden(tmp_path, monkeypatch, slots, gpus):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    with gpu_slot(slots, refuse, gpus, tmp_path) as place:
        assert place.gpu is None
        place.give_back()
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "0,1"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("before", [None, "3,GPU-8f6e"])
def test_the_environment_is_as_before_afterwards(tmp_path, monkeypatch, before):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if before is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", before)
    with pytest.raises(ZeroDivisionError), gpu_slot(1, refuse, ("3",), tmp_path):
        assert 1 / (os.environ["CUDA_VISIBLE_DEVICES"] != "3")
    assert os.environ.get("CUDA_VISIBLE_DEVICES") == before
    with gpu_slot(1, refuse, ("3",), tmp_path):
        pass


def test_a_place_given_back_early_is_free_and_stays_so(tmp_path):
    with gpu_slot(1, refuse, ("0",), tmp_path) as first:
        first.give_back()
        with gpu_slot(1, refuse, ("0",), tmp_path) as second:
            first.give_back()
            with pytest.raises(TimeoutError), gpu_slot(1, give_up, ("0",), tmp_path):
                pass
            assert second.gpu == "0"


def test_a_place_taken_again_is_a_fresh_file(tmp_path):
    """Programs that clean up temporary files go by age."""
    with gpu_slot(1, refuse, ("0",), tmp_path):
        pass
    (lock,) = tmp_path.iterdir()
    os.utime(lock, (0, 0))
    with gpu_slot(1, refuse, ("0",), tmp_path):
        assert lock.stat().st_mtime > time.time() - 60


def test_places_lie_in_a_folder_of_this_user_and_machine(own_folder):
    with gpu_slot(1, refuse, ("0",)):
        assert [path.name for path in own_folder.iterdir()] == ["gpu-0-slot-0"]


@pytest.mark.parametrize("what", ["link", "dangling link", "file", "folder of another user"])
def test_what_somebody_else_put_in_the_place_of_the_folder_is_refused(own_folder, tmp_path, monkeypatch, what):
    match what:
        case "link":
            own_folder.symlink_to(tmp_path)
        case "dangling link":
            own_folder.symlink_to(tmp_path / "nowhere")
        case "file":
            own_folder.touch()
        case _:
            own_folder.mkdir()
            own = os.getuid()
            others_folder = own_folder.with_name(own_folder.name.replace(f"-{own}-", f"-{own + 1}-"))
            own_folder.rename(others_folder)
            monkeypatch.setattr(os, "getuid", lambda: own + 1)
    with pytest.raises(ReworkError, match="expected a folder of yours"), gpu_slot(1, refuse, ("0",)):
        pass


def test_waiting_is_said_once(tmp_path, monkeypatch):
    monkeypatch.setattr(gpu_slots, "WAIT_SECONDS", 0.01)
    said = []

    def give_up_later(seconds):
        if len(said) != 1 or time.monotonic() > end:
            raise TimeoutError
        return seconds

    end = time.monotonic() + 0.1
    monkeypatch.setattr(gpu_slots.time, "sleep", give_up_later)
    with gpu_slot(1, refuse, ("0",), tmp_path), pytest.raises(TimeoutError), gpu_slot(1, said.append, ("0",), tmp_path):
        pass
    assert said == [f"all 1 places on the GPUs are taken ({tmp_path}): waiting for one"]
