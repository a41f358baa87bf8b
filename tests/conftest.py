"""What every test shares: real data, where a folder of it is named."""

import os
from pathlib import Path

import pytest

NO_REAL_DATA = "needs real data: set REWORK_DATA to a folder that holds fashion-mnist/train-images-idx3-ubyte.gz, …"


def pytest_collection_modifyitems(items):
    """Skip the tests marked ``real_data`` where no folder of real data is named."""
    if os.environ.get("REWORK_DATA"):
        return
    for item in items:
        if item.get_closest_marker("real_data"):
            item.add_marker(pytest.mark.skip(reason=NO_REAL_DATA))


@pytest.fixture
def real_data():
    """Return the folder of real data that REWORK_DATA names."""
    folder = Path(os.environ["REWORK_DATA"])
    assert folder.is_dir(), f"REWORK_DATA is {folder}, which is no folder"
    return folder
