"""The state of an audit: what it has read and hashed, and what it has found."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rework.auditing.commands import Commands, quoted
from rework.auditing.places import FILE, FOLDER, HIDDEN, NOTHING, cannot_be_read, is_link, obstacle, what_is
from rework.earlier import earlier_description, same_description
from rework.files import LARGEST_RECORD, beyond, sha256_file
from rework.record_shapes import read_shaped
from rework.recorded import RecordError
from rework.shapes import Keys

MOST_BYTES = {".json": LARGEST_RECORD, **dict.fromkeys((".csv", ".svg", ".html", ".pdf"), 2**30)}
"""Bytes that are hashed of results by their kind; the largest in use have 2 MB as table, 3 as drawing, 22 as page.

Arrays and weights are as large as they are, and hashed whole."""


@dataclass
class Audit:
    """The state of an audit; every file is read and hashed only once.

    ``findings`` maps a file, as a path from the working directory, to the first thing that is wrong with it.
    ``remarks`` are worth knowing, but nothing is wrong. ``earlier`` are the earlier descriptions that records name, and
    ``remake`` is what Snakemake would make anew to mend the findings. ``commands`` are those that findings advise.
    """

    commands: Commands = field(default_factory=Commands)
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

    def what(self, path: Path) -> str:
        """Return what is at a path, in words; what keeps from telling is a finding, once for all that it hides."""
        found = what_is(path)
        reason = obstacle(path) if found == HIDDEN else None
        if reason is not None:
            self.report(reason.place, reason.said)
            if reason.gone:
                self.remake.append(path)
        return found

    def is_file(self, path: Path) -> bool:
        """Return whether a file is there; something else in its place is a finding, nothing at all is not."""
        found = self.what(path)
        if found not in (NOTHING, FILE, HIDDEN):
            self.report(path, f"is {found}, where a file should be; remove it, and {self._makes_it(path)}")
        return found == FILE

    def lacks(self, path: Path) -> bool:
        """Return whether nothing is where a file should be; something else in its place is a finding."""
        return not self.is_file(path) and what_is(path) == NOTHING

    def within(self, folder: Path, linked: Set[Path] = frozenset()) -> Iterator[Path]:
        """Yield what is in a folder and the folders below it, but no folders; one that cannot be read is a finding.

        Args:
            folder: the folder.
            linked: links to folders that are followed; others are yielded themselves.
        """
        for path in self.listed(folder):
            is_folder = what_is(path) == FOLDER
            if is_folder and (path in linked or not is_link(path)):
                yield from self.within(path, linked)
            else:
                yield path

    def listed(self, folder: Path) -> list[Path]:
        """Return what is in a folder; one that cannot be read is a finding."""
        try:
            return sorted(folder.iterdir())
        except OSError as error:
            self.report(folder, cannot_be_read(folder, error))
            return []

    def read(self, path: Path, shape: Keys) -> dict[str, Any] | None:
        """Return a record; None for one that is missing, or, with a finding, damaged or of another shape."""
        if path not in self._records:
            self._records[path] = None
            if self.is_file(path) and self._opens(path):
                try:
                    self._records[path] = read_shaped(path, shape)
                except RecordError as error:
                    self.report(path, f"{error.said}; {self.commands.remedy(path)}", remake=True)
        return self._records[path]

    def digest(self, path: Path, *, raw: bool = False) -> str | None:
        """Return the SHA-256 of a file, or None, with a finding, for one that cannot be read or has an absurd size.

        Args:
            path: the file.
            raw: whether it is a raw file, which may be of any size.
        """
        if path not in self.hashes:
            try:
                size, most = path.stat().st_size, None if raw else MOST_BYTES.get(path.suffix)
                if most is not None and size > most:
                    self.report(path, f"{beyond(size, most)}; {self.commands.remedy(path)}", remake=True)
                    return None
                self.hashes[path] = sha256_file(path)
            except OSError as error:
                self.report(path, cannot_be_read(path, error))
                return None
        return self.hashes[path]

    def check(self, path: Path, recorded: str, said_by: Path) -> None:
        """Compare a file with a recorded hash."""
        if self.lacks(path):
            self.report(path, f"is missing; {said_by} recorded it; {self.commands.remedy(path)}", remake=True)
        if not self.is_file(path):
            return
        found = self.digest(path)
        if found not in (None, recorded) and not self._is_earlier(path, recorded):
            said = (
                f"is not what {said_by} recorded ({found:.12}, recorded {recorded:.12}); {self.commands.remedy(path)}"
            )
            self.report(path, said, remake=True)

    def _opens(self, path: Path) -> bool:
        try:
            with path.open("rb"):
                return True
        except OSError as error:
            self.report(path, cannot_be_read(path, error))
            return False

    def _makes_it(self, path: Path) -> str:
        if self.commands.is_published(path):
            return self.commands.restore(path)
        return f"{quoted(self.commands.snakemake('--cores 1', path))} makes it"

    def _is_earlier(self, path: Path, recorded: str) -> bool:
        """Return whether an earlier description of the same arrays has the recorded hash."""
        before = earlier_description(path, recorded)
        if what_is(before) != FILE:
            return False
        self.earlier.add(before)
        if self.digest(before) != recorded:
            said = "was changed: its name has the first digits of the hash that it had"
            self.report(before, f"{said}; {self.commands.remedy(before)}")
            return False
        return same_description(before, path)


def differing(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
    """Return the keys whose values differ, or that only one of two objects has."""
    return sorted(key for key in {*left, *right} if (key in left, left.get(key)) != (key in right, right.get(key)))
