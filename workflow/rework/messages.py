"""Phrases shared by messages: counts, keys, values that were found, and names that may have been meant."""

import difflib
import reprlib
from collections.abc import Iterable, Sequence
from typing import Any


def plural(count: int, word: str) -> str:
    """Return a count with its noun, in the plural unless the count is 1.

    >>> plural(3, "seed")
    '3 seeds'
    """
    return f"{count} {word}" + ("" if count == 1 else "s")


def sentence_case(text: str) -> str:
    """Return a text with its first letter in upper case and all others as they are.

    >>> sentence_case("validation BLEU-4")
    'Validation BLEU-4'
    """
    return text[:1].upper() + text[1:]


def with_blanks(count: int) -> str:
    """Return a count with blanks between thousands, as the report writes it.

    >>> with_blanks(10000)
    '10 000'
    """
    return f"{count:,}".replace(",", " ")


def unknown_name(what: str, name: str, known: Iterable[str]) -> str:
    """Return the phrase about an unknown name, with the nearest known one.

    >>> unknown_name("run", "cnm", ["mlp", "cnn"])
    "unknown run 'cnm'; expected one of cnn, mlp; did you mean 'cnn'?"
    """
    names = sorted(known)
    return f"unknown {what} {name!r}; expected one of {', '.join(names) or 'none (none is declared)'}" + nearest(
        name, names
    )


def unknown_key(where: str, key: str, known: Iterable[str]) -> str:
    """Return the sentence about an unknown key, with the nearest known one; ``where`` is its dotted path."""
    return f"key {where}: {unknown_name('key', key, known)}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a question that suggests the nearest known name, or an empty string if none is near."""
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


class _Short(reprlib.Repr):
    """A ``repr`` whose work is bounded, even for lists in lists that share parts and amount to billions."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 4
        self.maxlist = self.maxtuple = self.maxset = self.maxdict = 20
        self.maxstring = self.maxother = 100

    def repr_dict(self, x: dict[Any, Any], level: int) -> str:
        """Return the entries in their order; the inherited method sorts them."""
        if level <= 0 and x:
            return "{...}"
        shown = [f"{self.repr1(key, level - 1)}: {self.repr1(x[key], level - 1)}" for key in [*x][: self.maxdict]]
        return "{" + ", ".join([*shown, *(["..."] if len(x) > self.maxdict else [])]) + "}"

    def repr_int(self, x: int, _level: int) -> str:
        """Return a number, or its size: Python refuses to write out very long ones."""
        return repr(x) if x.bit_length() <= 512 else f"<a number of {x.bit_length():,} bits>"

    def repr_bytes(self, x: bytes, _level: int) -> str:
        """Return the beginning; the inherited method writes out all bytes first."""
        return repr(x[: self.maxstring])

    def repr_str(self, x: str, _level: int) -> str:
        """Return the beginning; the inherited method leaves out the middle."""
        return repr(x[: self.maxstring])


_SHORT = _Short()


def short_text(value: Any) -> str:
    """Return the ``repr`` of a value, cut off after 80 characters; its work is bounded for any value."""
    text = _SHORT.repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def short_reason(error: BaseException) -> str:
    r"""Return what an exception of foreign code says, on one line and cut off after 120 characters.

    >>> short_reason(ValueError("bad\nvalue"))
    'bad value'
    >>> short_reason(KeyError())
    'KeyError'
    """
    said = str(error)[:500]
    text = " ".join("".join(character if character.isprintable() else " " for character in said).split())
    text = text or type(error).__name__
    return text if len(text) <= 120 else f"{text[:117]}..."
