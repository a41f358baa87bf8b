"""Regular expressions that match the names in a list, at a cost that does not grow with the list."""

import re
from collections.abc import Iterable
from typing import Any

NOTHING = "(?!)"


def one_of(names: Iterable[str]) -> str:
    r"""Return a regular expression that fully matches these names and nothing else, without capturing groups.

    Plain alternatives would be tried one after another. Here, names share their common beginnings, so that each letter
    of a text decides where to continue.

    >>> print(one_of(["cnn-2", "cnn-3", "mlp"]))
    (?:cnn\-(?:2|3)|mlp)
    """
    tree: dict[str, Any] = {}
    for name in names:
        branch = tree
        for letter in name:
            branch = branch.setdefault(letter, {})
        branch[""] = {}
    return _pattern(tree) if tree else NOTHING


def _pattern(tree: dict[str, Any]) -> str:
    """Return the expression for a tree whose keys are letters, or empty strings where names end."""
    branches = [re.escape(letter) + _pattern(tree[letter]) for letter in sorted(tree) if letter]
    if not branches:
        return ""
    together = branches[0] if len(branches) == 1 and "" not in tree else f"(?:{'|'.join(branches)})"
    return f"{together}?" if "" in tree else together
