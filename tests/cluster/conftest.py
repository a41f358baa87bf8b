"""A small SLURM for the tests of this folder."""

import importlib.util
import os

import pytest
from mini_slurm import PACKAGES, MiniSlurm, missing_programs

MISSING_PLUGIN = "the plugin for SLURM is not installed: run 'make setup-slurm'"


def reason_to_skip():
    """Return what is missing here, or nothing."""
    if missing := missing_programs():
        return f"{', '.join(missing)} not found: install Debian's {PACKAGES}, as 'make test-cluster' does"
    return None if importlib.util.find_spec("snakemake_executor_plugin_slurm") else MISSING_PLUGIN


def pytest_collection_modifyitems(items):
    """Skip the tests marked ``cluster`` where they cannot run, unless ``REWORK_CLUSTER`` says that they must."""
    if reason := reason_to_skip():
        if os.environ.get("REWORK_CLUSTER") == "required":
            raise pytest.UsageError(reason)
        for item in items:
            if item.get_closest_marker("cluster"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    """A SLURM with two nodes, each with one GPU."""
    cluster = MiniSlurm(tmp_path_factory.mktemp("slurm") / "cluster")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
