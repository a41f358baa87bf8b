"""The rule that fetches raw files never loses one: offline, whatever is in a file's place stays there."""

import hashlib
import subprocess
import sys

import pytest
from workflow_copy import WorkflowCopy

pytestmark = pytest.mark.slow

ASSET, FILE = "ocr-letters", "data/ocr-letters/letter.data.gz"


@pytest.fixture
def copy(tmp_path):
    """A copy of the workflow whose data folder holds a file that cannot be had again."""
    copy = WorkflowCopy.create(tmp_path / "copy")
    (copy.root / FILE).parent.mkdir(parents=True)
    (copy.root / FILE).write_bytes(b"the only copy")
    return copy


def expect(copy, content):
    """Let the configuration ask for a content."""

    def change(assets):
        assets["assets"][ASSET].update(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))

    copy.edit_yaml("config/assets.yaml", change)


def fetch(copy, *words):
    command = [sys.executable, "-m", "snakemake", FILE, "--cores", "1", "--config", "offline=true", *words]
    done = subprocess.run(command, cwd=copy.root, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def test_the_right_file_survives_a_forced_run(copy):
    expect(copy, b"the only copy")
    status, said = fetch(copy, "--forcerun", "fetch")
    assert status == 0, said
    assert (copy.root / FILE).read_bytes() == b"the only copy"


def test_a_file_survives_another_checksum(copy):
    expect(copy, b"the only copy")
    assert fetch(copy, "--forcerun", "fetch")[0] == 0
    expect(copy, b"something else")
    status, said = fetch(copy)
    assert status != 0
    assert "wrong content" in said
    assert (copy.root / FILE).read_bytes() == b"the only copy"
