"""Phrases that messages share: a count, which key, what was found there, which name was perhaps meant."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Any


def plural(count: int, word: str) -> str:
    """Return a count with its word, which takes an s for any but one.

    >>> plural(3, "seed")
    '3 seeds'
    """
    return f"{count} {word}" + ("" if count == 1 else "s")


def unknown_name(what: str, name: str, known: Iterable[str]) -> str:
    """Return the phrase about a name that is not among the known ones, with the nearest that is.

    >>> unknown_name("run", "cnm", ["mlp", "cnn"])
    "unknown run 'cnm'; expected one of cnn, mlp; did you mean 'cnn'?"
    """
    names = sorted(known)
    return f"unknown {what} {name!r}; expected one of {', '.join(names) or 'none (none is declared)'}" + nearest(
        name, names
    )


def unknown_key(where: str, key: str, known: Iterable[str]) -> str:
    """Return the sentence about a key that does not exist, with the nearest that does; ``where`` is its dotted path."""
    return f"key {where}: {unknown_name('key', key, known)}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the question whether the nearest of the known names was meant, or nothing where none is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def key_path(parts: Sequence[str | int]) -> str:
    """Return a dotted path, with positions in lists in brackets.

    >>> key_path(["runs", "cnn", "assumed", 0])
    'runs.cnn.assumed[0]'
    """
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


def short_text(value: Any) -> str:
    """Return a value as Python writes it, cut after 80 characters."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
