"""The commands that mend what an audit finds, such that they work where they are pasted.

They find the results and the configuration that the user named with ``--results`` and ``--overrides``, from the folder
that the user is in.
"""

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rework.files import canonical_json
from rework.provenance import LIBRARY_ROOT
from rework.recorded import PUBLISHED

RESULTS = Path("results")
REPOSITORY = LIBRARY_ROOT.parent
# What Snakemake's command line reads as text, and no parser of numbers, YAML or the words true, false and null.
_PLAIN = re.compile(r"(?:[A-Za-z_/~]|\.\.?/)(?:[\w./~ -]*[\w./~-])?")
_NO_TEXT = ("true", "false", "null", "nan", "inf", "infinity")


@dataclass(frozen=True)
class Commands:
    """The commands about the results in one folder, with one configuration.

    Args:
        results: the folder of the editions.
        overrides: values over ``config/config.yaml``.
    """

    results: Path = RESULTS
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def remedy(self, path: Path) -> str:
        """Return what makes a missing or damaged result, as the end of a message."""
        if self.is_published(path):
            return self.restore(path)
        if self.target(path) is None:
            return "snakemake makes it in a folder of the name 'results' only"
        if os.path.lexists(path):
            return f"{quoted(self.snakemake('--cores 1 --force', path))} makes it again"
        return f"{quoted(self.snakemake('--cores 1', path))} makes it"

    def restore(self, path: Path) -> str:
        """Return what brings a published file back."""
        if not any(os.path.lexists(folder / ".git") for folder in path.absolute().parents):
            return "copy it from where the results were published: this folder is not in a git repository"
        return f"{quoted(f'git restore {_word(path)}')} brings back what was published"

    def snakemake(self, words: str, *files: Path, named: str = "", **config: str) -> str:
        """Return a call of Snakemake.

        Args:
            words: options and targets, as they are to stand there.
            files: results that are targets.
            named: more options or targets, that are to stand behind the configuration.
            config: values of the configuration that come before those of the user.
        """
        targets = map(self.word, files)
        values = [f"{key}={_value(value)}" for key, value in {**self.overrides, **config}.items()]
        settings = ["--config", *map(shlex.quote, values)] if values else []
        return " ".join(filter(None, ["snakemake", *self._where(), words, *targets, *settings, named]))

    def verify(self, edition: str, *words: str) -> str:
        """Return the call that verifies an edition."""
        return self._step("verify", "--edition", edition, *self._results(self.results), *words)

    def report(self, results: Path) -> str:
        """Return the call that builds the report of an edition again."""
        folder = results / "report"
        if not self.is_published(folder):
            return self.snakemake("--cores 1 --force", folder / "report.html", folder / "report.pdf")
        if self.results == RESULTS and not self.overrides and _is_home():
            return "make report-reference"
        return self._step("report", "--edition", PUBLISHED, "--results", str(_from_here(results)))

    def record(self, results: Path, writeup: str) -> str:
        """Return the call that records what is published of a writeup as it is."""
        other = [] if _is_home() and self.results == RESULTS else ["--reference", str(_from_here(results))]
        return self._step("publish", writeup, "--only-record", *other)

    def publish(self, writeup: str) -> str:
        """Return the call that makes the results of a writeup and publishes them."""
        return self.snakemake("--cores 8 publish", writeup=writeup)

    def fetch(self, asset: str) -> str:
        """Return the call that gets a raw file."""
        folder = self.overrides.get("data_dir")
        return shlex.join(["python", "-m", "rework", "fetch", asset, *(["--data-dir", str(folder)] if folder else [])])

    def is_published(self, path: Path) -> bool:
        """Return whether a file is a published one, which no rule makes."""
        return path.is_relative_to(self.results) and path.relative_to(self.results).parts[:1] == (PUBLISHED,)

    def target(self, path: Path) -> Path | None:
        """Return a result as Snakemake knows it, or None if it does not: all results are in a folder of one name."""
        if self.results.absolute().name != RESULTS.name or not path.is_relative_to(self.results):
            return None
        return RESULTS / path.relative_to(self.results)

    def word(self, path: Path) -> str:
        """Return a result as a word of a call of Snakemake."""
        return _word(self.target(path) or path)

    def _step(self, step: str, *words: str) -> str:
        overrides = ["--overrides", canonical_json(self.overrides)] if self.overrides else []
        return shlex.join(["python", "-m", "rework", step, *words, *overrides])

    def _results(self, folder: Path) -> list[str]:
        return [] if _is_home() and folder == RESULTS else ["--results", str(_from_here(folder))]

    def _where(self) -> list[str]:
        """Return the options that let Snakemake find the workflow and the results."""
        other = [] if _is_home() else ["--snakefile", _word(REPOSITORY / "Snakefile")]
        if _is_home() and self.results == RESULTS:
            return []
        parent = self.results.parent if self.results.name == RESULTS.name else self.results.absolute().parent
        return [*other, "--directory", _word(_from_here(parent))]


def quoted(command: str) -> str:
    """Return a command as it stands in a sentence.

    >>> quoted("make setup"), quoted("cat 'a b'")
    ("'make setup'", "`cat 'a b'`")
    """
    return f"`{command}`" if "'" in command else f"'{command}'"


def _is_home() -> bool:
    """Return whether Snakemake, called in the current folder, finds a workflow there: this one, or one that uses it."""
    return Path("Snakefile").is_file()


def _from_here(path: Path) -> Path:
    """Return a path as it is understood in the folder of the user, which is not this one if Snakemake was sent here."""
    return path if _is_home() else path.absolute()


def _word(path: Path) -> str:
    return shlex.quote(str(path))


def _value(value: Any) -> str:
    """Return a value as Snakemake's command line reads it."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _NO_TEXT:
        return value
    # It takes quotation marks from both ends, but not from inside of blanks.
    return f" {canonical_json(value)} " if isinstance(value, str) else canonical_json(value)
