"""Kill trainings, Snakemake and the report at random moments: does the same command then end with the same bytes?

python tools/torture.py [--kills N] [--seed S] [--only PART] [--cores C]

In a copy of the workflow, the sample edition is built. Then, again and again, a part of it is removed, the command that
makes it is started and at a random moment something is killed: the deepest process (the job), Snakemake alone (its jobs
live on, as they do after a kill by hand), or all at once (a power cut). After that, the same command must make the same
bytes. Other bytes, another ending and whatever ``verify`` finds at the end are findings, and the exit status is 1.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from rework.catalogue.catalogue import load_catalogue
from rework.files import sha256_file
from rework.paths import checkpoint_file, report_dir, run_dir
from workflow_copy import REPOSITORY, WorkflowCopy

RESULTS = Path("results/sample")
VICTIMS = ("job", "parent", "all")
SECONDS = 900


@dataclass(frozen=True)
class Part:
    """A part of the edition: the command that makes it, and the files and folders that are removed before."""

    name: str
    words: tuple[str, ...]
    made: tuple[Path, ...]


@dataclass(frozen=True)
class Kill:
    """A moment in the life of a command, as a share of its usual seconds, and who is killed then."""

    share: float
    victim: str


def parts(cores: int) -> Iterator[Part]:
    """Yield one run of each task and each engine, the table of values with the page, and the PDF."""
    catalogue, seen = load_catalogue(REPOSITORY), set()
    for writeup, run, seed in catalogue.run_ids("sample"):
        settings = catalogue.run("sample", writeup, run, seed)
        kind = settings.task.name if settings.task else settings.model.name
        if kind in seen:
            continue
        seen.add(kind)
        folder, checkpoint = run_dir(RESULTS, writeup, run, seed), checkpoint_file(RESULTS, writeup, run, seed)
        target = str(folder / "metrics.json")
        yield Part(kind, ("snakemake", target, "--cores", str(cores)), (folder, checkpoint))
    for only, name in (("page", "report.html"), ("pdf", "report.pdf")):
        words = ("rework", "report", "--edition", "sample", "--only", only)
        yield Part(f"report: {only}", words, (report_dir(RESULTS) / name,))


def contents(part: Part, root: Path) -> dict[str, Any]:
    """Return what the files of a part hold, without the seconds that a run took and hashes of records with them."""
    files = [file for made in part.made for file in (root / made, *(root / made).rglob("*")) if file.is_file()]
    found: dict[str, Any] = {}
    for file in sorted(files):
        name = str(file.relative_to(root))
        if file.name == "metrics.json":
            found[name] = json.loads(file.read_text())["metrics"]
        elif file.suffix != ".json":
            found[name] = sha256_file(file)
        else:
            found[name] = "there"
    return found


def environment() -> dict[str, str]:
    """Return the variables for commands in the copy, which use the copy's library."""
    return {**os.environ, "PYTHONPATH": "workflow", "OMP_NUM_THREADS": "1"}


def start(part: Part, root: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start the command of a part in the copy."""
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", *part.words], cwd=root, env=environment(), stdout=output, stderr=output
        )


def finish(part: Part, root: Path, log: Path) -> int:
    """Run the command of a part to its end, after the lock of a killed Snakemake is taken away; return its status."""
    if part.words[0] == "snakemake":
        unlock = [sys.executable, "-m", *part.words, "--unlock"]
        subprocess.run(unlock, cwd=root, env=environment(), capture_output=True, check=True, timeout=SECONDS)
    return start(part, root, log).wait(SECONDS)


def strike(process: subprocess.Popen[bytes], kill: Kill, usual: float) -> bool:
    """Kill a part of a process's family at the moment; return whether it was still at work then."""
    try:
        process.wait(kill.share * usual)
        return False
    except subprocess.TimeoutExpired:
        pass
    try:
        family = [psutil.Process(process.pid)]
        family += family[0].children(recursive=True)
    except psutil.NoSuchProcess:
        return False
    # The last child is the deepest. Its parent is stopped first where all must go, or it would start another one.
    for member in {"job": family[-1:], "parent": family[:1], "all": family}[kill.victim]:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait(SECONDS)
    return True


def clear(part: Part, root: Path) -> None:
    """Remove what a part has made."""
    for made in part.made:
        if (root / made).is_dir():
            shutil.rmtree(root / made)
        else:
            (root / made).unlink(missing_ok=True)


def torture(part: Part, kill: Kill, root: Path, log: Path, usual: float, expected: dict[str, Any]) -> str:
    """Make a part with a kill on the way, then to its end; return how that ended."""
    clear(part, root)
    struck = strike(start(part, root, log), kill, usual)
    status = finish(part, root, log)
    if status:
        return f"ended with {status}"
    found = contents(part, root)
    if found != expected:
        other = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
        return "other bytes in " + ", ".join(other)
    return "same" if struck else "same, not struck"


def measured(part: Part, root: Path, log: Path) -> tuple[float, dict[str, Any]]:
    """Make a part twice without a kill; return its seconds and its contents, which must be the same both times."""
    made = []
    for _ in range(2):
        clear(part, root)
        began = time.monotonic()
        if finish(part, root, log):
            raise SystemExit(f"{part.name}: fails without any kill: {log.read_text(errors='replace')[-3000:]}")
        made.append(contents(part, root))
    if made[0] != made[1] or not made[0]:
        raise SystemExit(f"{part.name}: not the same twice without any kill")
    return time.monotonic() - began, made[0]


def main() -> int:
    """Strike all parts in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--only", help="one part, by its name")
    arguments = parser.parse_args()
    chance, folder = random.Random(arguments.seed), Path(tempfile.mkdtemp(prefix="rework-torture-"))
    log, root = folder / "log.txt", folder / "copy"
    WorkflowCopy.create(root).link_packages()
    whole = Part("sample edition", ("snakemake", "sample", "--cores", str(arguments.cores)), ())
    if start(whole, root, log).wait():
        raise SystemExit(f"the sample edition cannot be built: {log.read_text(errors='replace')[-3000:]}")
    chosen = [part for part in parts(arguments.cores) if arguments.only in (None, part.name)]
    usual = {part.name: measured(part, root, log) for part in chosen}
    counts: Counter[tuple[str, str]] = Counter()
    try:
        for number in range(arguments.kills):
            part = chosen[number % len(chosen)]
            kill = Kill(chance.random(), chance.choice(VICTIMS))
            answer = torture(part, kill, root, log, *usual[part.name])
            counts[part.name, answer] += 1
            print(
                f"{number + 1} of {arguments.kills}: {part.name}, {kill.victim} at {kill.share:.0%}: {answer}",
                flush=True,
            )
            if not answer.startswith("same"):
                shutil.copy2(log, folder / f"log-{number}.txt")
        if start(Part("verify", ("rework", "verify"), ()), root, log).wait():
            counts["verify", "findings"] += 1
            print(log.read_text(errors="replace"))
    except KeyboardInterrupt:
        print("interrupted, and not verified; what was found until then:")
    return summed_up(counts, folder)


def summed_up(counts: Counter[tuple[str, str]], folder: Path) -> int:
    """Print what came out and return the exit status; without findings, the folder is removed."""
    findings = sum(count for (_, answer), count in counts.items() if not answer.startswith("same"))
    for (name, answer), count in sorted(counts.items()):
        print(f"{name:24} {answer:20} {count:5,}")
    print(f"{findings} findings in {folder}" if findings else "no findings")
    if not findings:
        shutil.rmtree(folder)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
