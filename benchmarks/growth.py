"""Measure how the workflow grows: a writeup of 10 to 3,000 runs, planned, found finished, and extended by one run."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from rework.files import write_text
from table import Row
from workflow_copy import WorkflowCopy

RUNS = (10, 100, 1000, 3000)
TARGETS = {3000: 12.0}
WRITEUP = "growth"
# Snakemake's executor that only touches files sleeps a tenth of a second for each job.
TOUCH = """
import time
time.sleep = lambda seconds: None
from snakemake.cli import main
main()
"""
# Prints the files of a writeup, each preceded by its kind.
RESULTS = """
import sys
from pathlib import Path
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.plan import Plan
writeup = sys.argv[1]
plan = Plan(load_catalogue(Path(), {"edition": "sample"}), "sample", Path("results", "sample"))
datasets, artefacts = plan.datasets(writeup), plan.built_artefacts(writeup)
folders = [raw for dataset in datasets for raw in plan.raw_files(dataset)]
files = [file for dataset in datasets for file in plan.dataset_files(dataset)]
files += [file for run, seed in plan.runs(writeup) for file in plan.run_files(run, seed)]
files += [file for artefact in artefacts for file in plan.artefact_files(artefact)]
print(*(f"folder {path}" for path in folders), *(f"file {path}" for path in files), sep=chr(10))
"""


@dataclass(frozen=True)
class Cost:
    """The time, memory and output of a command."""

    seconds: float
    megabytes: float
    said: str


def growth_waits(folder: Path, _repeats: int) -> Iterator[Row]:
    """Yield time and memory of Snakemake's commands for each number of runs, each measured once."""
    for count in RUNS:
        copy = WorkflowCopy.create(folder / str(count)).pretend()
        write_writeup(copy, count)
        title = f"{count:,} runs"
        yield row(f"{title}: dry run, all to do", run(copy, "-n"), TARGETS.get(count))
        write_results(copy)
        run(copy, "--touch", "--forceall", start=("-c", TOUCH))
        done = run(copy)
        assert "Nothing to be done" in done.said, done.said
        yield row(f"{title}: nothing to do", done)
        write_writeup(copy, count + 1)
        added = run(copy, "-n")
        assert f"/rate-{rate(count)}, seed 0" in added.said, added.said[-2000:]
        jobs = len(re.findall(r"^Job \d+:", added.said, re.MULTILINE))
        yield row(f"{title}: dry run with one run more, {jobs} jobs", added)


def row(what: str, cost: Cost, target: float | None = None) -> Row:
    """Return a cost as a row of the table."""
    return Row(what, (cost.seconds,), target, f"{cost.megabytes:.0f} MB")


def rate(number: int) -> float:
    """Return the learning rate of a run of the sweep."""
    return round(0.001 * (number + 1), 6)


def write_writeup(copy: WorkflowCopy, count: int) -> None:
    """Write a writeup with a sweep of some runs and a table of them all."""
    base = {
        "model": {"name": "fashion-cnn", "dropout": 0.4},
        "data": {"dataset": "fashion-mnist", "normalise": "unit"},
        "optimiser": {"name": "sgd", "learning_rate": 100},
        "loss": "nll",
        "batch_size": 8,
        "epochs": 15,
    }
    sweep = {
        "base": "base",
        "over": {"optimiser.learning_rate": [rate(number) for number in range(count)]},
        "name": "rate-{optimiser.learning_rate}",
    }
    text = {"label": "Table 1", "what": "the test accuracies", "options": {"title": "Test accuracy by rate"}}
    writeup = {
        "id": WRITEUP,
        "title": "Growth",
        "authors": ["nobody"],
        "file": "none",
        "summary": "A large sweep.",
        "runs": {"base": base},
        "sweeps": {"rates": sweep},
        "artefacts": {"accuracy": {"kind": "table", "make": "accuracy-table", **text, "runs": "all"}},
        "claims": [],
    }
    write_text(copy.root / "config" / "writeups" / f"{WRITEUP}.yaml", yaml.safe_dump(writeup, sort_keys=False))


def write_results(copy: WorkflowCopy) -> None:
    """Write a line into every file that the writeup's runs and table consist of or are made from.

    The list of files comes from the library of the copy.
    """
    command = [sys.executable, "-c", RESULTS, WRITEUP]
    environment = os.environ | {"PYTHONPATH": str(copy.root / "workflow")}
    said = subprocess.run(command, cwd=copy.root, env=environment, capture_output=True, text=True, check=True).stdout
    for line in said.splitlines():
        kind, name = line.split(" ", 1)
        path = copy.root / name
        path.mkdir(parents=True) if kind == "folder" else write_line(path)


def write_line(file: Path) -> None:
    """Write a file, quickly rather than safely, as it is done tens of thousands of times."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("fabricated\n")


def run(copy: WorkflowCopy, *words: str, start: tuple[str, ...] = ("-m", "snakemake")) -> Cost:
    """Run Snakemake for the writeup and return its cost, including the start."""
    command = [sys.executable, *start, WRITEUP, *words, "--cores", "2", "--config", "edition=sample"]
    log = copy.root / "said.log"
    with log.open("w") as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=copy.root, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, log.read_text()[-4000:]
    return Cost(seconds, used.ru_maxrss / 1024, log.read_text())
