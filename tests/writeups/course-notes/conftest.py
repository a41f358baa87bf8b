"""Settings of the tables that the artefacts of course-notes read."""

import pytest
from rework.settings.data import DatasetSettings


@pytest.fixture(scope="session")
def settings_of_table():
    """Return a function that returns the settings of a data set that is a table."""
    return lambda name: DatasetSettings(name, False, (), layout="table")
