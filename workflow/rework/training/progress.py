"""How a training shows where it is: a line per epoch, and a bar where someone watches."""

import sys
import time
from typing import TextIO

from tqdm import tqdm


class Progress:
    """Writes to a stream, standard error by default.

    Args:
        title: what every line begins with.
        epochs: epochs of the whole training.
        total: steps of the whole training.
        done: steps that a checkpoint had already done.
    """

    def __init__(self, title: str, epochs: int, total: int, done: int = 0, stream: TextIO = sys.stderr) -> None:
        self.title = title
        self.epochs = epochs
        self.total = total
        self.first = done
        self.stream = stream
        self.started = time.monotonic()
        self.bar = tqdm(
            total=total, initial=done, desc=title, unit="step", file=stream, leave=False, disable=not stream.isatty()
        )

    def at(self, step: int) -> None:
        """Move the bar to a step."""
        self.bar.update(step - self.bar.n)

    def note(self, text: str) -> None:
        """Write a line."""
        # With a bar on the terminal, tqdm lifts it out of the way of the line.
        tqdm.write(f"{self.title}: {text}", file=self.stream)
        self.stream.flush()

    def epoch(self, number: int, text: str, step: int) -> None:
        """Write the line of a finished epoch: its number from 1, and a text about it.

        ``step`` counts from the beginning of the training.
        """
        self.at(step)
        per_step = (time.monotonic() - self.started) / max(1, step - self.first)
        left = f", {duration(per_step * (self.total - step))} left" if step < self.total else ""
        self.note(f"epoch {number}/{self.epochs}  {text}  ({1000 * per_step:.2f} ms/step{left})")

    def close(self) -> None:
        """Take the bar away."""
        self.bar.close()


def duration(seconds: float) -> str:
    """Return a time for humans: ``48 s``, ``3 min 05 s``, ``2 h 07 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
