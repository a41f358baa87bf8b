"""Copies of the workflow: fresh ones, and ones whose sample edition was built by pretend steps.

Those of a pair have two writeups, for what is planned by the same rule in every writeup.
"""

import pytest
from workflow_copy import PAIR, UneditedCopy


@pytest.fixture(scope="session")
def fresh_template(tmp_path_factory):
    return UneditedCopy.create(tmp_path_factory.mktemp("fresh") / "copy")


@pytest.fixture(scope="session")
def fresh_pair_template(tmp_path_factory):
    return UneditedCopy.create(tmp_path_factory.mktemp("fresh-pair") / "copy").keep_writeups(*PAIR)


@pytest.fixture(scope="session")
def finished_template(tmp_path_factory):
    return finished_copy(tmp_path_factory.mktemp("finished") / "copy")


@pytest.fixture(scope="session")
def finished_pair_template(tmp_path_factory):
    return finished_copy(tmp_path_factory.mktemp("finished-pair") / "copy", *PAIR)


def finished_copy(root, *writeups):
    """Return a copy of the workflow with a finished sample edition of some writeups, or of all."""
    copy = UneditedCopy.create(root).pretend()
    if writeups:
        copy.keep_writeups(*writeups)
    copy.run("sample", warm_processes="false")  # pretend steps need none of the packages that one would import
    return copy


@pytest.fixture
def fresh_pair(fresh_pair_template, tmp_path):
    """A copy of the workflow with two writeups and without results, to edit."""
    return fresh_pair_template.clone(tmp_path / "copy")


@pytest.fixture
def finished(finished_template, tmp_path):
    """A copy of the workflow with a finished sample edition, to edit."""
    return finished_template.clone(tmp_path / "copy")


@pytest.fixture
def finished_pair(finished_pair_template, tmp_path):
    """The same with two writeups."""
    return finished_pair_template.clone(tmp_path / "copy")
