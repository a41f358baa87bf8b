"""Copies of the workflow: a fresh one, and one whose sample edition was built by pretend steps."""

import pytest
from workflow_copy import WorkflowCopy


@pytest.fixture(scope="session")
def fresh_template(tmp_path_factory):
    return WorkflowCopy.create(tmp_path_factory.mktemp("fresh") / "copy")


@pytest.fixture(scope="session")
def finished_template(tmp_path_factory, fresh_template):
    copy = fresh_template.clone(tmp_path_factory.mktemp("finished") / "copy").pretend()
    copy.run("sample")
    return copy


@pytest.fixture
def fresh(fresh_template, tmp_path):
    """A copy of the workflow without results, to edit."""
    return fresh_template.clone(tmp_path / "copy")


@pytest.fixture
def finished(finished_template, tmp_path):
    """A copy of the workflow with a finished sample edition, to edit."""
    return finished_template.clone(tmp_path / "copy")
