"""Places on the GPUs of this machine: each job takes one, and sees only the device that the place is on.

Snakemake counts the GPUs that jobs ask for, but does not assign them. The places are locked files, which the operating
system releases when a process ends, however it ends; jobs in several checkouts of one user share them.
"""

import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rework.accelerators import visible_gpus
from rework.errors import ReworkError

WAIT_SECONDS = 1.0


class GpuPlace:
    """A place on a GPU.

    Args:
        gpu: the name of the GPU, or None for no place at all.
        lock: the descriptor of the locked file.
    """

    def __init__(self, gpu: str | None = None, lock: int | None = None) -> None:
        self.gpu = gpu
        self._lock = lock

    def give_back(self) -> None:
        """Let another job have the place; a second call does nothing."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


@contextmanager
def gpu_slot(
    slots: int, say: Callable[[str], object], gpus: tuple[str, ...] | None = None, folder: Path | None = None
) -> Iterator[GpuPlace]:
    """Hold a place on a GPU while active, and hide all other GPUs from this process; the emptiest GPU comes first.

    It must be entered before anything uses CUDA, which reads ``CUDA_VISIBLE_DEVICES`` only once.

    Args:
        slots: places on each GPU; with 0, or without a GPU, nothing is held or hidden.
        say: called once if all places are taken and this has to wait.
        gpus: names of the devices; by default those visible here. Jobs that use different names for one device, its
            number and its UUID, do not see each other's places.
        folder: folder of the locked files; by default one for this user and machine in the temporary folder.
    """
    gpus = visible_gpus() if gpus is None else gpus
    if not slots or not gpus:
        yield GpuPlace()
        return
    place = _wait_for_place(_own_folder() if folder is None else folder, gpus, slots, say)
    before = os.environ.get("CUDA_VISIBLE_DEVICES")
    os.environ["CUDA_VISIBLE_DEVICES"] = str(place.gpu)
    try:
        yield place
    finally:
        place.give_back()
        if before is None:
            del os.environ["CUDA_VISIBLE_DEVICES"]
        else:
            os.environ["CUDA_VISIBLE_DEVICES"] = before


def _wait_for_place(folder: Path, gpus: tuple[str, ...], slots: int, say: Callable[[str], object]) -> GpuPlace:
    waits = False
    while True:
        for slot in range(slots):
            for gpu in gpus:
                lock = _locked(folder / f"gpu-{gpu}-slot-{slot}")
                if lock is not None:
                    return GpuPlace(gpu, lock)
        if not waits:
            say(f"all {len(gpus) * slots} places on the GPUs are taken ({folder}): waiting for one")
            waits = True
        time.sleep(WAIT_SECONDS)


def _locked(path: Path) -> int | None:
    """Return the descriptor of a locked file, or None if another process has locked it."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    # Clean-up of temporary files removes old ones; the next job would then lock a new file and share the place.
    os.utime(descriptor)
    return descriptor


def _own_folder() -> Path:
    """Return a folder that no other user can have prepared and no other machine shares.

    Raises:
        ReworkError: something else has this name.
    """
    folder = Path(tempfile.gettempdir()) / f"rework-gpus-{os.getuid()}-{os.uname().nodename}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise ReworkError(
            f"{folder}: expected a folder of yours; remove what is there, or set TMPDIR to another folder"
        )
    return folder
