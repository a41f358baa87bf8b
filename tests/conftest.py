"""Shared by all tests: one thread per process, and real data if a folder of it is named."""

import os
from pathlib import Path

import hypothesis
import pytest

# A busy machine is no fault of the code. The same commit gets the same examples everywhere, so that a red run can be
# repeated; "pytest --hypothesis-profile explore" looks for new ones, and what it finds becomes an explicit example.
UNTIMED = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("repeated", derandomize=True, **UNTIMED)
hypothesis.settings.register_profile("explore", max_examples=1000, **UNTIMED)
hypothesis.settings.load_profile("repeated")

# Tests run side by side, one process per core; more threads than cores make small products twenty times slower.
# BLAS and OpenMP read this once, when they are loaded, which is after this file.
os.environ.setdefault("OMP_NUM_THREADS", "1")

NO_REAL_DATA = "needs real data: set REWORK_DATA to a folder that holds fashion-mnist/train-images-idx3-ubyte.gz, …"


def pytest_collection_modifyitems(items):
    """Start with the slow files, and skip the tests marked ``real_data`` if no folder of real data is named.

    Files are shared out whole, in this order: a long one at the end would leave the other processes idle, and the tests
    of one file share what they build.
    """
    items.sort(key=_turn)
    if os.environ.get("REWORK_DATA"):
        return
    for item in items:
        if item.get_closest_marker("real_data"):
            item.add_marker(pytest.mark.skip(reason=NO_REAL_DATA))


def _turn(item):
    """Return when a test's file has its turn: the sample edition, other slow files, the rest."""
    if "sample" in item.path.parts:
        return 0
    return 1 if any(mark.name == "slow" for mark in item.parent.own_markers) else 2


@pytest.fixture
def real_data():
    """Return the folder of real data that REWORK_DATA names."""
    folder = Path(os.environ["REWORK_DATA"])
    assert folder.is_dir(), f"REWORK_DATA is {folder}, which is no folder"
    return folder
