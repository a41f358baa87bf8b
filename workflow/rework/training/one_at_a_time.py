"""One training of a run and seed at a time: a second one would take the first one's checkpoint for its own."""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rework.errors import TrainingError
from rework.files import storage_errors

# Network file systems without locks: nothing is lost but the warning.
_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS}


@contextmanager
def only_training(checkpoint: Path, title: str) -> Iterator[None]:
    """Hold a locked file beside a checkpoint; the system lets go of it when the process ends, however it ends.

    Args:
        checkpoint: the file of the checkpoint.
        title: the run and its seed, for the message.

    Raises:
        TrainingError: another process holds it; the message names that process.
        StorageError: the file cannot be written.
    """
    path = checkpoint.with_name(f"{checkpoint.name}.lock")
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _locked(path, title)
    try:
        yield
    finally:
        # While it is still locked, so that nobody's but our own file is removed. One that stays is no hindrance.
        with suppress(OSError):
            if _is_still_there(path, descriptor):
                path.unlink()
        os.close(descriptor)


def _locked(path: Path, title: str) -> int:
    while True:
        descriptor = _opened(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 200).decode(errors="replace").strip() or "another process"
            os.close(descriptor)
            raise TrainingError(
                f"{title}: {holder} is training it into the same folder; let it end, or stop it ({path} is locked)"
            ) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                os.close(descriptor)
                raise
        if _is_still_there(path, descriptor):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"process {os.getpid()} on {os.uname().nodename}\n".encode())
            return descriptor
        os.close(descriptor)  # removed by its holder between our two calls


def _opened(path: Path) -> int:
    """Return the descriptor of the lock; what is no file of its own name alone is refused, as we write into it."""
    # Not to follow a link, and not to wait for the other end of a pipe.
    how = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(path, how, 0o666)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise TrainingError(f"{path}: a link is where the lock of a training should be; remove it") from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        os.close(descriptor)
        raise TrainingError(f"{path}: something else is where the lock of a training should be; remove it")
    return descriptor


def _is_still_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
