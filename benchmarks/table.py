"""A table of measurements, as Markdown and JSON."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HEAD = ("what", "median", "smallest", "largest", "times", "target")


@dataclass(frozen=True)
class Row:
    """The seconds of one wait, measured one or more times; the seconds that it should take; and a remark."""

    what: str
    seconds: tuple[float, ...]
    target: float | None = None
    remark: str = ""

    @property
    def median(self) -> float:
        """The median, in seconds."""
        return statistics.median(self.seconds)

    def cells(self) -> list[str]:
        """Return the cells of the row."""
        target = "" if self.target is None else f"{self.target:g} s{'' if self.median <= self.target else ', missed'}"
        numbers = [f"{value:.2f} s" for value in (self.median, min(self.seconds), max(self.seconds))]
        return [f"{self.what}{f' ({self.remark})' if self.remark else ''}", *numbers, str(len(self.seconds)), target]


def line(cells: Sequence[str]) -> str:
    """Return a line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def head() -> str:
    """Return the two first lines of the table."""
    return f"{line(HEAD)}\n{line(['---', *['---:'] * 4, '---'])}"


def machine() -> str:
    """Return what the times were measured on."""
    names = [text.split(":")[1].strip() for text in _cpuinfo() if text.startswith("model name")]
    cpu = names[0] if names else platform.processor()
    return (
        f"{os.cpu_count()} cores of {cpu}, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


def _cpuinfo() -> list[str]:
    file = Path("/proc/cpuinfo")
    return file.read_text().splitlines() if file.is_file() else []


def markdown(rows: Sequence[Row]) -> str:
    """Return the whole table, with the machine below it."""
    return "\n".join([head(), *(line(row.cells()) for row in rows), "", f"Measured on {machine()}.", ""])


def write_tables(rows: Sequence[Row], folder: Path) -> None:
    """Write ``waits.md`` and ``waits.json`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "waits.md").write_text(markdown(rows))
    found = [
        {"what": row.what, "remark": row.remark, "seconds": row.seconds, "median": row.median, "target": row.target}
        for row in rows
    ]
    (folder / "waits.json").write_text(json.dumps({"machine": machine(), "waits": found}, indent=2) + "\n")
