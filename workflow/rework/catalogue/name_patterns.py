"""Regular expressions that match names out of a list, at a cost that does not grow with the list."""

import re
from collections.abc import Iterable
from typing import Any

NOTHING = "(?!)"


def one_of(names: Iterable[str]) -> str:
    """Return a regular expression that matches these names and nothing else, whole.

    Alternatives would be tried one after the other. Here names with the same beginning share it, letter by letter, so
    that each letter of a text decides where to go on. No group is a capturing one.
    """
    tree: dict[str, Any] = {}
    for name in names:
        branch = tree
        for letter in name:
            branch = branch.setdefault(letter, {})
        branch[""] = {}
    return _pattern(tree) if tree else NOTHING


def _pattern(tree: dict[str, Any]) -> str:
    """Return the expression of a tree whose keys are letters, or empty where a name ends."""
    branches = [re.escape(letter) + _pattern(tree[letter]) for letter in sorted(tree) if letter]
    if not branches:
        return ""
    together = branches[0] if len(branches) == 1 and "" not in tree else f"(?:{'|'.join(branches)})"
    return f"{together}?" if "" in tree else together
