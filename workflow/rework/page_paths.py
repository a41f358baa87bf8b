"""Where the pages of a text data set and what networks read on them lie; beside ``paths``, which names all else.

Every function takes the results folder of one edition.
"""

from pathlib import Path

PAGE_ARRAYS = ("crops.npy", "pictures.npz")
"""The letters cut out of all pages, and the pages themselves, small."""


def reading_file(results: Path, pages: str, run: str, seed: int) -> Path:
    """What a run (``writeup/run``) says of every letter found on the pages."""
    return results / "readings" / pages / run / f"seed{seed}.npz"


def reading_record(results: Path, pages: str, run: str, seed: int) -> Path:
    """Where a reading comes from."""
    return reading_file(results, pages, run, seed).with_suffix(".json")
