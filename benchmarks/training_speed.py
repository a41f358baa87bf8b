"""Measure training steps against loops that others would write, and print a table in Markdown. Part of ``make bench``.

Columns, in milliseconds per step: (a) the writeup's own loop with its data loader, as many threads as torch takes and
two workers; (b) a good plain PyTorch loop with one thread; (c) the engine with one thread. They are timed by turns, and
the medians of the rounds are shown. Random data of the right shape is trained on: what is learnt does not matter here.

Run it on an idle machine: what others compute at the same time shifts the ratios too.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from loops.bounds import Bound, Format, Machine, bound, count_step, measure_machine
from loops.protocols import PROTOCOLS, Protocol, pose
from loops.stopwatch import EngineLoop, Pace, loops
from rework.catalogue.catalogue import Catalogue, load_catalogue

REPOSITORY = Path(__file__).resolve().parents[1]
HEAD = ("protocol", "(a) ms", "(b) ms", "(c) ms", "b/c", "a/c", "format", "of best product", "what bounds (c)")


@dataclass(frozen=True)
class Row:
    """What was measured of a protocol: the medians of its loops by letter, and what bounds the engine's steps."""

    protocol: Protocol
    paces: dict[str, Pace]
    number_format: Format
    flops: int
    bound: Bound

    def ratio(self, loop: str) -> float:
        """Return how many times as long another loop's step takes as the engine's."""
        return self.paces[loop].wall / self.paces["c"].wall


def measure(
    catalogue: Catalogue, protocol: Protocol, machine: Machine, options: argparse.Namespace, folder: Path
) -> Row:
    """Time the loops of a protocol by turns."""
    problem = pose(catalogue, protocol, folder, options.precision)
    counts = count_step(problem)
    compared = loops(problem)
    rounds = [{name: loop.pace(options.seconds) for name, loop in compared.items()} for _ in range(options.repeats)]
    for loop in compared.values():
        loop.close()
    paces = {
        name: Pace(*(statistics.median(getattr(one[name], clock) for one in rounds) for clock in ("wall", "cpu")))
        for name in compared
    }
    engine = compared["c"]
    assert isinstance(engine, EngineLoop)
    number_format: Format = engine.training.number_format.precision
    bounded = bound(counts, machine, number_format, paces["c"].cpu)
    return Row(protocol, paces, number_format, counts.flops, bounded)


def cells(row: Row) -> tuple[str, ...]:
    """Return a protocol's line of the table."""
    shares = row.bound
    return (
        row.protocol.title,
        *(f"{row.paces[name].wall:.3g}" for name in "abc"),
        *(f"{row.ratio(name):.2f}" for name in "ba"),
        row.number_format,
        f"{shares.arithmetic:.0%}",
        f"{shares.name} (arithmetic {shares.arithmetic:.0%}, weights {shares.memory:.0%}, calls {shares.dispatch:.0%})",
    )


def line(texts: Sequence[str]) -> str:
    """Return a line of a Markdown table."""
    return f"| {' | '.join(texts)} |"


def document(rows: Sequence[Row], machine: Machine) -> dict[str, Any]:
    """Return all that was measured, for JSON."""
    return {
        "machine": asdict(machine),
        "protocols": [
            {
                **asdict(row.protocol),
                "milliseconds": {name: asdict(pace) for name, pace in row.paces.items()},
                "ratios": {name: row.ratio(name) for name in "ab"},
                "format": row.number_format,
                "flops_per_step": row.flops,
                "shares": asdict(row.bound),
                "bound": row.bound.name,
            }
            for row in rows
        ],
        "geometric_means": means(rows),
    }


def means(rows: Sequence[Row]) -> dict[str, float]:
    """Return the geometric mean over the protocols of how much longer each other loop takes."""
    return {name: statistics.geometric_mean(row.ratio(name) for row in rows) for name in "ab"}


def parsed(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command line."""
    names = [protocol.name for protocol in PROTOCOLS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="rounds (default: 3)")
    parser.add_argument("--seconds", type=float, default=2.5, metavar="S", help="of each measurement (default: 2.5)")
    parser.add_argument("--precision", choices=("fp32", "bf16"), help="number format of (c), in place of the runs' own")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers to a file too")
    return parser.parse_args(words)


def main() -> None:
    """Print the table, a row as soon as it is measured."""
    options = parsed()
    catalogue, machine = load_catalogue(REPOSITORY), measure_machine()
    best = ", ".join(f"{rate / 1e9:.0f} GFLOP/s in {name}" for name, rate in machine.flops.items())
    _print(
        f"Best matrix product: {best}. Memory: {machine.bytes / 1e9:.1f} GB/s. "
        f"A small operation: {1e6 * machine.operation:.1f} µs. One thread each.\n"
    )
    _print(line(HEAD))
    _print(line(["---", *["---:"] * 5, "---", "---:", "---"]))
    rows = []
    for protocol in PROTOCOLS:
        if protocol.name in options.only:
            with tempfile.TemporaryDirectory() as folder:
                rows.append(measure(catalogue, protocol, machine, options, Path(folder)))
            _print(line(cells(rows[-1])))
    _print(line(["geometric mean", "", "", "", *(f"{means(rows)[name]:.2f}" for name in "ba"), "", "", ""]))
    if options.json is not None:
        options.json.write_text(json.dumps(document(rows, machine), indent=2) + "\n")


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
