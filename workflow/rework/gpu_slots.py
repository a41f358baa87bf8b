"""Places on the graphics processors of this machine: each job takes one, and sees the device that it lies on alone.

Snakemake counts what jobs ask for but does not tell them apart. The places are locked files, which the operating system
frees when a process ends, however it ends; jobs of several checkouts share them.
"""

import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rework.accelerators import visible_gpus
from rework.errors import ReworkError

WAIT_SECONDS = 1.0


@contextmanager
def gpu_slot(
    slots: int, say: Callable[[str], object], gpus: tuple[str, ...] | None = None, folder: Path | None = None
) -> Iterator[str | None]:
    """Hold a place on a GPU while entered, and show this process no other; the emptiest GPU comes first.

    It must be entered before anything uses CUDA, which reads ``CUDA_VISIBLE_DEVICES`` once.

    Args:
        slots: places of each GPU; with 0, or where there is no GPU, nothing is held or hidden.
        say: called once if all places are taken and this has to wait.
        gpus: names of the devices; by default those that are visible here.
        folder: where the locked files lie; by default one of this user in the folder for temporary files.

    Yields:
        The name of the GPU, or None.
    """
    gpus = visible_gpus() if gpus is None else gpus
    if not slots or not gpus:
        yield None
        return
    gpu, lock = _wait_for_slot(_own_folder() if folder is None else folder, gpus, slots, say)
    before = os.environ.get("CUDA_VISIBLE_DEVICES")
    os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    try:
        yield gpu
    finally:
        os.close(lock)
        if before is None:
            del os.environ["CUDA_VISIBLE_DEVICES"]
        else:
            os.environ["CUDA_VISIBLE_DEVICES"] = before


def _wait_for_slot(folder: Path, gpus: tuple[str, ...], slots: int, say: Callable[[str], object]) -> tuple[str, int]:
    waits = False
    while True:
        for slot in range(slots):
            for gpu in gpus:
                lock = _locked(folder / f"gpu-{gpu}-slot-{slot}")
                if lock is not None:
                    return gpu, lock
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
    return descriptor


def _own_folder() -> Path:
    """Return a folder that no other user can have prepared.

    Raises:
        ReworkError: there is one of this name, but of another user.
    """
    folder = Path(tempfile.gettempdir()) / f"rework-gpus-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise ReworkError(f"{folder}: belongs to another user; remove it, or set TMPDIR to another folder")
    return folder
