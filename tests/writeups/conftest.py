"""Made-up results of each writeup, made up once for all tests of a process."""

from functools import cache

import pytest
from fabricated import Artefacts


@pytest.fixture(scope="session")
def artefacts_of(tmp_path_factory):
    """Return a function that returns the artefacts of a writeup over results that are made up for its first call."""
    return cache(lambda writeup: Artefacts.made_up(writeup, tmp_path_factory.mktemp(writeup) / "full"))


@pytest.fixture(scope="module")
def artefacts(request, artefacts_of):
    """Return the artefacts of the writeup that a test module names as its WRITEUP."""
    return artefacts_of(request.module.WRITEUP)
