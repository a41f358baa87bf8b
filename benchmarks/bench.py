"""Measure what a user waits for, and print a table. The first part of ``make bench``.

Measure on an idle machine. Snakemake is timed as a command, including the start of its process.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from growth import growth_waits
from rework.catalogue.catalogue import load_catalogue
from stopwatch import call, measure
from table import Row, head, line, write_tables
from waits import check_waits, edition_waits
from workflow_copy import WorkflowCopy


def snakemake_waits(folder: Path, repeats: int) -> Iterator[Row]:
    """Yield the times of Snakemake's commands on pretend steps, beginning with a bare start."""
    copy = WorkflowCopy.create(folder).pretend()

    def timed(what: str, *words: str, times: int = repeats) -> Row:
        return Row(what, measure(lambda: call(copy.root, sys.executable, "-m", "snakemake", *words), times))

    yield timed("snakemake --version", "--version")
    yield Row("catalogue read once more, in this process", measure(lambda: load_catalogue(copy.root), repeats))
    yield timed("parse (--list-rules)", "--list-rules")
    yield timed("dry run of the full edition", "-n", "--quiet", "all")
    yield timed("sample edition with steps that pretend", "sample", "--cores", "2", "--quiet", "all", times=1)


GROUPS = {"edition": edition_waits, "snakemake": snakemake_waits, "growth": growth_waits, "checks": check_waits}
DEFAULT = tuple(name for name in GROUPS if name != "checks")


def parsed() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    chosen = f"of {', '.join(GROUPS)}; default: all but checks, which takes half an hour"
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=DEFAULT, metavar="GROUP", help=chosen)
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="measurements of each wait (default: 3)")
    parser.add_argument(
        "--folder", type=Path, metavar="FOLDER", help="write waits.md and waits.json into a folder, too"
    )
    return parser.parse_args()


def main() -> None:
    """Print the table, each row as soon as it is measured."""
    options = parsed()
    rows = []
    say(head())
    with tempfile.TemporaryDirectory() as folder:
        for group in options.only:
            for row in GROUPS[group](Path(folder) / group, options.repeats):
                say(line(row.cells()))
                rows.append(row)
    if options.folder is not None:
        write_tables(rows, options.folder)


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
