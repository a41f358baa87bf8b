"""Measure what a user waits for: parsing, dry runs, calls with nothing to do, growth. Part of ``make bench``.

Snakemake is timed as a command, including process start, on a copy of the workflow with pretend steps.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from growth import growth_times
from rework.catalogue.catalogue import load_catalogue
from workflow_copy import WorkflowCopy

REPEATS = 3


def seconds(action: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median time of a few calls, in seconds."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def snakemake_times(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the times of Snakemake's commands, beginning with a bare start."""
    copy = WorkflowCopy.create(folder / "copy").pretend()

    def timed(*words: str, repeats: int = REPEATS) -> str:
        command = [sys.executable, "-m", "snakemake", *words]
        took = seconds(lambda: subprocess.run(command, cwd=copy.root, check=True, capture_output=True), repeats)
        return f"{took:.2f} s"

    yield "snakemake --version", timed("--version")
    yield "catalogue read once more, in this process", f"{seconds(lambda: load_catalogue(copy.root)):.2f} s"
    yield "parse (--list-rules)", timed("--list-rules")
    yield "dry run of the full edition", timed("-n", "--quiet", "all")
    yield "sample edition with steps that pretend", timed("sample", "--cores", "2", "--quiet", "all", repeats=1)
    yield "nothing to do, sample edition", timed("sample", "--cores", "2", "--quiet", "all")


def main() -> None:
    """Print the table, each row as soon as it is measured."""
    with tempfile.TemporaryDirectory() as folder:
        for measure in (snakemake_times, growth_times):
            for what, value in measure(Path(folder) / measure.__name__):
                sys.stdout.write(f"{what:<62}{value:>16}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
