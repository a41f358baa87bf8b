"""A small SLURM for the tests of this folder, and copies of the workflow to run on it."""

import importlib.util

import pytest
from cluster_runs import ARTEFACTS, DATASET, ClusterCopy
from mini_slurm import PACKAGES, MiniSlurm, missing_programs

MISSING_PLUGIN = "the plugin for SLURM is not installed: run 'make setup-slurm'"


def reason_to_skip():
    """Return what is missing here, or nothing."""
    if missing := missing_programs():
        return f"{', '.join(missing)} not found: install Debian's {PACKAGES}, as 'make test-cluster' does"
    return None if importlib.util.find_spec("snakemake_executor_plugin_slurm") else MISSING_PLUGIN


def pytest_collection_modifyitems(items):
    """Skip the tests marked ``cluster`` where they cannot run."""
    if reason := reason_to_skip():
        for item in items:
            if item.get_closest_marker("cluster"):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    """A SLURM with two nodes, each with one GPU."""
    cluster = MiniSlurm(tmp_path_factory.mktemp("slurm") / "cluster")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A copy of the workflow whose trainings take seconds, without results."""
    return ClusterCopy.create_small(tmp_path_factory.mktemp("template") / "copy")


@pytest.fixture(scope="session")
def prepared(template, tmp_path_factory):
    """The same with the data set."""
    return template.clone(tmp_path_factory.mktemp("prepared") / "copy").build(DATASET)


@pytest.fixture(scope="session")
def local(prepared, tmp_path_factory):
    """The same with the results, made without a cluster."""
    return prepared.clone(tmp_path_factory.mktemp("local") / "copy").build(*ARTEFACTS)


@pytest.fixture
def copy(slurm, prepared, tmp_path):
    """A copy with the data set, to edit and to run; what a test left in the queue is cancelled."""
    yield prepared.clone(tmp_path / "copy")
    slurm.cancel_all()
