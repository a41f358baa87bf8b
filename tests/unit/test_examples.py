"""The examples in docstrings are right."""

import doctest
import importlib
from dataclasses import dataclass
from pathlib import Path

import pytest
import rework

ROOT = Path(rework.__file__).parent
WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
    for path in ROOT.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_give_what_they_show(name):
    result = doctest.testmod(importlib.import_module(name), extraglobs={"dataclass": dataclass})
    assert result.failed == 0 < result.attempted
