"""The path that was meant by a misspelt one, part by part from the top: names of one folder are compared, no others."""

import difflib
from collections.abc import Collection, Sequence

SHOWN = 8
"""How many names of a folder a message lists."""


def meant(path: str, known: Collection[str]) -> str:
    """Return a question that suggests the nearest known path, or else what the last folder on the way to it holds.

    >>> meant("results/full/model/a.json", ["results/full/models/a.json", "results/full/data/b.npy"])
    "did you mean 'results/full/models/a.json'?"
    >>> meant("results/full/logs/a.txt", ["results/full/models/a.json", "results/full/data/b.npy"])
    'results/full holds data, models'
    """
    left = [file.split("/") for file in known]
    way: list[str] = []
    wanted = path.split("/")
    # Who leaves a folder out names the file in it all the same.
    for part in (*wanted, wanted[-1]):
        if "/".join(way) in known:
            break
        names = sorted({file[len(way)] for file in left})
        near = _near(part, names)
        if near is None:
            return f"{'/'.join(way) or 'this folder'} holds {_first(names)}"
        left = [file for file in left if file[len(way)] == near]
        way.append(near)
    found = "/".join(way)
    return f"did you mean {found!r}?" if found in known else f"did you mean a file in {found!r}?"


def _near(part: str, names: Sequence[str]) -> str | None:
    """Return the name that was meant, or None if none is near."""
    if part in names:
        return part
    same = [name for name in names if name.lower() == part.lower()]
    return next(iter(same or difflib.get_close_matches(part, names, n=1)), None)


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
