"""The rule that fetches raw files never loses one: offline, whatever is in a file's place stays there."""

import hashlib
import os
import signal
import subprocess
import sys
import time

import pytest
from file_server import Answer, FileServer
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


def expect(copy, content, *urls):
    """Let the configuration ask for a content, from some addresses."""

    def change(assets):
        known = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        assets["assets"][ASSET].update(known, urls=list(urls))

    copy.edit_yaml("config/assets.yaml", change)


def fetch_command(*words):
    return [sys.executable, "-m", "snakemake", FILE, "--cores", "1", *words]


def fetch(copy, *words):
    command = fetch_command("--config", "offline=true", *words)
    done = subprocess.run(command, cwd=copy.root, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def others(copy):
    """Return the contents of what lies beside the file under a name that says that it is another one."""
    return [path.read_bytes() for path in (copy.root / FILE).parent.glob("letter.data.gz.other-*")]


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
    assert others(copy) == []


def test_a_file_with_other_content_moves_aside_when_the_right_one_comes(copy, tmp_path, monkeypatch):
    monkeypatch.setenv("REWORK_DATA", str(tmp_path / "mine"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letters").write_bytes(b"the right one")
    expect(copy, b"the right one")
    status, said = fetch(copy, "--forcerun", "fetch")
    assert status == 0, said
    assert (copy.root / FILE).read_bytes() == b"the right one"
    assert others(copy) == [b"the only copy"]
    log = (copy.root / "results" / "logs" / "fetch" / "ocr-letters" / "letter.data.gz.log").read_text()
    assert "the file with other content that was there is now data/ocr-letters/letter.data.gz.other-" in log


def test_a_file_survives_a_snakemake_that_is_killed(copy, monkeypatch):
    """Killed in the middle of a download; after --unlock, the same command goes on by itself."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    server = FileServer()
    try:
        content = b"the right one" * 100
        expect(copy, content, server.serve("/letters", Answer(content, sent=100, stall=60)))
        command = fetch_command("--forcerun", "fetch")
        killed = subprocess.Popen(command, cwd=copy.root, stderr=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 60
        while not server.requests:
            assert killed.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        assert (copy.root / FILE).read_bytes() == b"the only copy"
        assert "cannot be locked" in fetch(copy)[1]
        assert fetch(copy, "--unlock")[0] == 0
        server.serve("/letters", Answer(content))
        subprocess.run(fetch_command(), cwd=copy.root, check=True, timeout=120)
        assert (copy.root / FILE).read_bytes() == content
        assert others(copy) == [b"the only copy"]
    finally:
        server.close()
