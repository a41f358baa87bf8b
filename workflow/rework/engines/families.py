"""Which model families train by themselves, told from their sources: nothing else of this package is imported."""

import re
from functools import cache
from pathlib import Path

_FIT = re.compile(r"^def fit\(", re.MULTILINE)


@cache
def is_engine(family: str) -> bool:
    """Return whether a family trains by itself: it has a module here with a function ``fit``."""
    module = Path(__file__).with_name(f"{family.replace('-', '_')}.py")
    return module.is_file() and _FIT.search(module.read_text(encoding="utf-8")) is not None
