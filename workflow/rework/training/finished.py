"""The files of a finished training, kept where no failing job deletes them.

Snakemake deletes the outputs of a job before it starts and again when it fails. A job that fails for a slip in the
configuration or a full disk would so cost the weights of hours; here they have a second name, which takes no space.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from rework.errors import DataError, StorageError
from rework.files import write_text
from rework.paths import TRAINED_FILES
from rework.recorded import check_sha256, read_record

_RECORD = "provenance.json"
_IDENTITY = "identity"


class FinishedTraining:
    """A folder with the files of the last training of a run and seed that was finished.

    Args:
        folder: the folder; it is made when a training is kept.
        identity: hash of everything the training depends on; files of another one are left alone.
    """

    def __init__(self, folder: Path, identity: str) -> None:
        self.folder = folder
        self.identity = identity

    def keep(self, directory: Path) -> None:
        """Keep the files in the folder of a run, in place of those that are kept; without room, keep none."""
        mark = self.folder / _IDENTITY
        with suppress(OSError, StorageError):
            # The mark goes first and comes last, so that a crash leaves files that are not used.
            mark.unlink(missing_ok=True)
            self.folder.mkdir(parents=True, exist_ok=True)
            for name in (*TRAINED_FILES, _RECORD):
                _give_name(directory / name, self.folder / name)
            write_text(mark, self.identity)

    def restore(self, directory: Path) -> bool:
        """Bring back the kept files of this very training; return whether there were any, all of them whole."""
        try:
            if (self.folder / _IDENTITY).read_text(encoding="utf-8") != self.identity:
                return False
            outputs = read_record(self.folder / _RECORD)["outputs"]
            for name in TRAINED_FILES:
                check_sha256(self.folder / name, outputs[name], _RECORD)
        except (OSError, UnicodeDecodeError, DataError, LookupError, TypeError):
            return False
        directory.mkdir(parents=True, exist_ok=True)
        for name in (*TRAINED_FILES, _RECORD):
            _give_name(self.folder / name, directory / name)
            # Snakemake would take what is older than its inputs for out of date.
            os.utime(directory / name)
        return True


def _give_name(file: Path, name: Path) -> None:
    """Give a file a second name, in place of what has it, or copy it where a file system knows only one."""
    name.unlink(missing_ok=True)
    try:
        os.link(file, name)
    except OSError:
        shutil.copyfile(file, name)
