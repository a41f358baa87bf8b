"""Which model families have their own training, read from their sources without importing them."""

import re
from functools import cache
from pathlib import Path

_FIT = re.compile(r"^def fit\(", re.MULTILINE)


@cache
def is_engine(family: str) -> bool:
    """Return whether a family has its own training: a module here with a function ``fit``.

    >>> is_engine("numpy-classifier"), is_engine("mnist-cnn")
    (True, False)
    """
    module = Path(__file__).with_name(f"{family.replace('-', '_')}.py")
    return module.is_file() and _FIT.search(module.read_text(encoding="utf-8")) is not None
