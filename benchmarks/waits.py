"""What a user waits for: the sample edition, an edit, a report, the checks; each a row of the table of ``make bench``.

The edition is built in a copy of the workflow with the library's own steps, so that nothing here is touched.
"""

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stopwatch import call, measure
from table import Row
from workflow_copy import REPOSITORY, WorkflowCopy

PLOT = "workflow/rework/artefacts/mnist_cifar/first_activations.py"
WRITEUP = "config/writeups/fashion-captions.yaml"


class Edition:
    """A copy of the workflow whose sample edition is built, changed and built again."""

    def __init__(self, folder: Path) -> None:
        self.copy = WorkflowCopy.create(folder).link_packages()

    def build(self, cores: int = 2) -> None:
        """Build the sample edition."""
        self._call("snakemake", "sample", "--quiet", "all", "--cores", str(cores))

    def build_on_one_core(self) -> None:
        """Build the sample edition with one core."""
        self.build(1)

    def build_page(self) -> None:
        """Build the sample edition up to its HTML page."""
        self._call("snakemake", "page", "--quiet", "all", "--cores", "2", "--config", "edition=sample")

    def render(self) -> None:
        """Render the report without Snakemake."""
        self._call("rework", "report", "--edition", "sample")

    def clean(self) -> None:
        """Remove all results and what Snakemake remembers of them."""
        for name in ("results", ".snakemake"):
            shutil.rmtree(self.copy.root / name, ignore_errors=True)

    def forget_fonts(self) -> None:
        """Remove the fonts that were converted for the report."""
        shutil.rmtree(self.copy.root / ".cache", ignore_errors=True)

    def edit_plot(self) -> None:
        """Change the code of one figure."""
        self.copy.append(PLOT, f"\nEDITED_AT = {time.time_ns()}\n")

    def add_run(self) -> None:
        """Add a run to a sweep, whose tables and claims follow."""
        self.copy.edit_yaml(WRITEUP, add_dropout)

    def _call(self, *words: str) -> None:
        library = str(self.copy.root / "workflow")
        call(self.copy.root, sys.executable, "-m", *words, environment={"PYTHONPATH": library})


def add_dropout(writeup: dict[str, Any]) -> None:
    """Add a run to a writeup's sweep over dropout."""
    rates = writeup["sweeps"]["dropout"]["over"]["model.dropout"]
    rates.append(round(rates[-1] + 0.01, 2))


def edition_waits(folder: Path, repeats: int) -> Iterator[Row]:
    """Yield the waits for the sample edition and its report."""
    edition = Edition(folder)
    waits = (
        ("sample edition from nothing, 1 core", 240, edition.build_on_one_core, edition.clean),
        ("sample edition from nothing, 2 cores", 120, edition.build, edition.clean),
        ("nothing to do, sample edition", 1.2, edition.build, None),
        ("one plot's code changed -> HTML page", 10, edition.build_page, edition.edit_plot),
        ("one plot's code changed -> HTML page and PDF", None, edition.build, edition.edit_plot),
        ("one run added -> its tables in the HTML page", 15, edition.build_page, edition.add_run),
        ("PDF and HTML, fonts not converted yet", 15, edition.render, edition.forget_fonts),
        ("PDF and HTML", 8, edition.render, None),
    )
    for what, target, action, prepare in waits:
        yield Row(what, measure(action, repeats, prepare), target)


def check_waits(_folder: Path, repeats: int) -> Iterator[Row]:
    """Yield how long the commands take that whoever changes the code waits for."""
    for what, target, command in (("make test-fast", 45, ("make", "test-fast")), (".ci/run", 480, ("sh", ".ci/run"))):
        yield Row(what, measure(lambda command=command: call(REPOSITORY, *command), repeats), target)
