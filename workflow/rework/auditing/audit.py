"""The state of an audit: what it has read and hashed, and what it has found."""

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rework.earlier import earlier_description, same_description
from rework.errors import DataError
from rework.files import sha256_file
from rework.record_shapes import read_shaped
from rework.recorded import PUBLISHED, remedy
from rework.shapes import Keys


@dataclass
class Audit:
    """The state of an audit; every file is read and hashed only once.

    ``findings`` maps a file, as a path from the working directory, to the first thing that is wrong with it.
    ``remarks`` are worth knowing, but nothing is wrong. ``earlier`` are the earlier descriptions that records name, and
    ``remake`` is what Snakemake would make anew to mend the findings.
    """

    findings: dict[Path, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    hashes: dict[Path, str] = field(default_factory=dict)
    earlier: set[Path] = field(default_factory=set)
    remake: list[Path] = field(default_factory=list)
    _records: dict[Path, dict[str, Any] | None] = field(default_factory=dict)

    def report(self, path: Path, problem: str, remake: bool = False) -> None:
        """Add a finding, unless the file already has one: the record of its maker comes first and says the most.

        Args:
            path: the file.
            problem: what is wrong with it.
            remake: whether it is a result that Snakemake is to make again.
        """
        if path not in self.findings and remake:
            self.remake.append(path)
        self.findings.setdefault(path, problem)

    def is_file(self, path: Path) -> bool:
        """Return whether a file is there; something else in its place is a finding, nothing at all is not."""
        found = what_is(path)
        if found not in ("", "a file"):
            self.report(path, f"is {found}, where a file should be; remove it, and {_makes_it(path)}")
        return found == "a file"

    def read(self, path: Path, shape: Keys) -> dict[str, Any] | None:
        """Return a record; None for one that is missing, or, with a finding, damaged or of another shape."""
        if path not in self._records:
            self._records[path] = None
            if self.is_file(path):
                try:
                    self._records[path] = read_shaped(path, shape)
                except DataError as error:
                    self.report(path, str(error).removeprefix(f"{path}: "), remake=True)
        return self._records[path]

    def digest(self, path: Path) -> str | None:
        """Return the SHA-256 of a file, or None, with a finding, for one that cannot be read."""
        if path not in self.hashes:
            try:
                self.hashes[path] = sha256_file(path)
            except OSError as error:
                self.report(path, f"cannot be read ({error.strerror})")
                return None
        return self.hashes[path]

    def check(self, path: Path, recorded: str, said_by: Path) -> None:
        """Compare a file with a recorded hash."""
        if not self.is_file(path):
            if path not in self.findings:
                self.report(path, f"is missing; {said_by} recorded it; {remedy(path)}", remake=True)
            return
        found = self.digest(path)
        if found not in (None, recorded) and not self._is_earlier(path, recorded):
            said = f"is not what {said_by} recorded ({found:.12}, recorded {recorded:.12}); {remedy(path)}"
            self.report(path, said, remake=True)

    def _is_earlier(self, path: Path, recorded: str) -> bool:
        """Return whether an earlier description of the same arrays has the recorded hash."""
        before = earlier_description(path, recorded)
        if not before.is_file():
            return False
        self.earlier.add(before)
        if self.digest(before) != recorded:
            self.report(before, f"was changed: its name has the first digits of the hash that it had; {remedy(before)}")
            return False
        return same_description(before, path)


def what_is(path: Path) -> str:
    """Return what is at a path, in words; nothing if nothing is."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "a link to a file that is not there" if path.is_symlink() else ""
    except OSError as error:
        return f"a link that leads nowhere ({error.strerror})"
    if stat.S_ISREG(mode):
        return "a file"
    return "a folder" if stat.S_ISDIR(mode) else "a pipe, socket or device"


def differing(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
    """Return the keys whose values differ, or that only one of two objects has."""
    return sorted(key for key in {*left, *right} if (key in left, left.get(key)) != (key in right, right.get(key)))


def _makes_it(path: Path) -> str:
    if PUBLISHED in path.parts:
        return f"'git restore {path}' brings it back"
    return f"'snakemake --cores 1 {path}' makes it"
