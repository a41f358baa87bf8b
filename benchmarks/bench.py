"""Measure what a user waits for: parsing, dry runs, calls with nothing to do, growth, training steps. ``make bench``.

Snakemake is timed as a command, process start included, on a copy of the workflow whose steps pretend; training on the
generated sample data, in this process, with one thread.
"""

import contextlib
import io
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from growth import growth_times
from rework import cli
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.plan import owner_and_name
from rework.files import read_json
from rework.paths import run_dir
from workflow_copy import REPOSITORY, WorkflowCopy

REPEATS = 3
EPOCHS = 2
RUNS = (
    "fashion-captions/ffn",
    "fashion-captions/cnn",
    "ocr/cnn-2",
    "ocr/bilstm",
    "ocr/bilstm-batched",
    "ocr/cnn-bilstm",
    "ocr/bilstm-crf",
    "ocr/cnn-bilstm-crf",
    "mnist-cifar/mnist-l2",
    "mnist-cifar/cifar",
)


def seconds(action: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median time of some calls."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def snakemake_times(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield what Snakemake's commands take, a bare start of Snakemake first."""
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


def training_times(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield milliseconds per step of some runs of the sample edition."""
    catalogue = load_catalogue(REPOSITORY)
    for name in {catalogue.run("sample", *owner_and_name(run), 0).data.dataset for run in RUNS}:
        settings = catalogue.dataset("sample", name).to_json()
        for step in ("sample", "preprocess"):
            run_step(step, "--settings", settings, "--results", str(folder))
    for run in RUNS:
        settings = replace(catalogue.run("sample", *owner_and_name(run), 0), epochs=EPOCHS)
        for precision in ("fp32", "bf16"):
            chosen = replace(settings, precision=precision, run=f"{settings.run}-{precision}")
            run_step("train", "--settings", chosen.to_json(), "--results", str(folder), "--device", "cpu")
            made = read_json(run_dir(folder, chosen.writeup, chosen.run, 0) / "provenance.json")
            yield (
                f"training step of {run}, {settings.batch_size} {settings.task.name}, {precision}",
                f"{1000 * made['seconds'] / made['steps']:.2f} ms",
            )


def run_step(*words: str) -> None:
    """Run a step quietly; its error ends the measurement."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        if cli.main(words) != 0:
            raise SystemExit(f"step {words[0]} failed")


def main() -> None:
    """Print the table, a row as soon as it is measured."""
    with tempfile.TemporaryDirectory() as folder:
        for measure in (snakemake_times, growth_times, training_times):
            for what, value in measure(Path(folder) / measure.__name__):
                sys.stdout.write(f"{what:<62}{value:>16}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
