"""Damage the raw files of the sample edition at random and read each: is every fault a declared error, within bounds?

python tools/fuzz.py [--minutes M] [--seed S] [--only DATASET]

Every reading is a process of its own with limits of memory and time. An answer is good when the step reads the file all
the same or refuses it with the one line that it declares. A traceback, a signal, a time-out and more memory than
allowed are findings: the damaged folder is kept, and the exit status is 1.
"""

import argparse
import contextlib
import gzip
import lzma
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from rework import cli
from rework.catalogue.catalogue import load_catalogue
from rework.datasets.layouts import LAYOUTS
from rework.files import sha256_file
from rework.paths import raw_dir, raw_files, raw_record
from rework.recorded import write_record

REPOSITORY = Path(__file__).resolve().parents[1]
MEMORY = 6 * 2**30
SECONDS = 120
PACKERS: dict[bytes, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    b"\x1f\x8b": (gzip.decompress, lambda content: gzip.compress(content, 1)),
    b"\xfd7zXZ": (lzma.decompress, lambda content: lzma.compress(content, preset=0)),
}


def damage(content: bytes, chance: random.Random) -> tuple[bytes, str]:
    """Return the content of a whole file with some damage, and what that is; half of the packed ones have it inside."""
    for magic, (unpack, pack) in PACKERS.items():
        if content.startswith(magic) and chance.random() < 0.5:
            inside, what = damage(unpack(content), chance)
            return pack(inside), f"inside: {what}"
    place, length = chance.randrange(len(content) + 1), chance.choice([1, 2, 4, 8, 64, 4096])
    kinds: dict[str, Callable[[], bytes]] = {
        "other bytes": lambda: content[:place] + chance.randbytes(length) + content[place + length :],
        "ones": lambda: content[:place] + b"\xff" * length + content[place + length :],
        "zeros": lambda: content[:place] + b"\0" * length + content[place + length :],
        "cut off": lambda: content[:place],
        "cut out": lambda: content[:place] + content[place + length :],
        "put in": lambda: content[:place] + chance.randbytes(length) + content[place:],
        "twice": lambda: content + content,
        "a number at the front": lambda: (
            content[: place % 64]
            + chance.choice([2**31 - 1, 2**32 - 1, 0]).to_bytes(4, "big")
            + content[place % 64 + 4 :]
        ),
    }
    what = chance.choice(sorted(kinds))
    return kinds[what](), what


def read(dataset: str, results: Path, log: Path) -> str:
    """Preprocess a data set in a process with limits, and return how that ended."""
    process = os.fork()
    if not process:
        status = 3
        with contextlib.suppress(BaseException), log.open("w") as text:
            os.dup2(text.fileno(), 1)
            os.dup2(text.fileno(), 2)
            sys.stdout = sys.stderr = text
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            signal.alarm(SECONDS)
            try:
                status = cli.main(["preprocess", dataset, "--edition", "sample", "--results", str(results)])
            except BaseException:
                import traceback

                traceback.print_exc()
            text.flush()
        os._exit(status)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    said = log.read_text(errors="replace")
    if code < 0:
        return "too slow" if code == -signal.SIGALRM else f"signal {-code}"
    if code == 2 and "memory of this machine" in said:
        return "too much memory"
    return {0: "read", 2: "refused"}.get(code, "traceback")


def main() -> int:
    """Fuzz all data sets in turn until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="one data set")
    arguments = parser.parse_args()
    chance, folder = random.Random(arguments.seed), Path(tempfile.mkdtemp(prefix="rework-fuzz-"))
    catalogue = load_catalogue(REPOSITORY)
    names = [name for name, dataset in catalogue.datasets.items() if not LAYOUTS[dataset.layout].drawn]
    chosen = [name for name in names if arguments.only in (None, name)]
    for name in chosen:
        cli.main(["sample", name, "--results", str(folder / "whole")])
        if read(name, folder / "whole", folder / "said.txt") != "read":
            raise SystemExit(f"{name}: not even the whole files can be read: {(folder / 'said.txt').read_text()}")
    counts: Counter[tuple[str, str]] = Counter()
    findings = 0
    end = time.monotonic() + 60 * arguments.minutes
    while time.monotonic() < end:
        for name in chosen:
            results = folder / f"case-{sum(counts.values())}"
            shutil.copytree(raw_dir(folder / "whole", name), raw_dir(results, name))
            file = chance.choice(list(raw_files(raw_dir(results, name))))
            content, what = damage(file.read_bytes(), chance)
            file.write_bytes(content)
            # As if it had been generated so: otherwise its checksum would find the damage before any reader does.
            raw = raw_dir(results, name)
            outputs = {path.relative_to(raw).as_posix(): sha256_file(path) for path in raw_files(raw)}
            write_record(raw_record(results, name), {"name": name, "outputs": outputs})
            answer = read(name, results, folder / "said.txt")
            counts[name, answer] += 1
            if answer in ("read", "refused"):
                shutil.rmtree(results)
            else:
                findings += 1
                shutil.copy2(folder / "said.txt", results / "said.txt")
                print(f"{name}: {answer} after '{what}' in {file.relative_to(results)}, kept in {results}", flush=True)
    for (name, answer), count in sorted(counts.items()):
        print(f"{name:20} {answer:15} {count:7,}")
    print(f"{sum(counts.values()):,} damaged files, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
