"""Steps in forks of the warm server: what they print, how they end, and when they run by themselves instead."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from rework.warm import client
from rework.warm.server import Server
from tiny_runs import WORKFLOW

pytestmark = pytest.mark.slow

# A server without large packages, whose steps are those of the command line and two of the test's own.
SERVE = """
import os, sys, time
from pathlib import Path
from rework import cli
from rework.warm.server import Server

def step(words):
    if words[0] == "echo":
        print(os.getcwd(), os.environ["WORD"], sys.argv, sys.stdin.read())
        print("to stderr", file=sys.stderr)
        return 3
    if words[0] == "wait":
        Path(words[1]).write_text(str(os.getpid()))
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            return 130
    if words[0] == "fail":
        raise ValueError("a bug")
    if words[0] == "leave":
        sys.exit(int(words[1]))
    if words[0] == "die":
        os.kill(os.getpid(), 9)

cli.main = step
Server(Path(sys.argv[1]), os.getppid()).serve(())
"""


def wait_for(path, process=None):
    for _ in range(600):
        if path.exists() and (path.is_socket() or path.read_text()):
            return
        assert process is None or process.poll() is None, "it ended"
        time.sleep(0.05)
    raise AssertionError(f"{path} did not come")


def environment(**changes):
    return {**os.environ, "PYTHONPATH": str(WORKFLOW), **changes}


@pytest.fixture
def server(tmp_path):
    address = tmp_path / "socket"
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(address)], env=environment())
    wait_for(address, process)
    yield address
    process.terminate()
    assert process.wait(10) == 0
    assert not address.exists()


def start(server, *words, **changes):
    return subprocess.Popen(
        [sys.executable, "-m", "rework", *words],
        env=environment(REWORK_WARM=str(server), **changes),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Tests that run in the background of a shell ignore Ctrl-C, and what they start would, too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def test_a_step_has_the_streams_the_folder_the_environment_and_the_status_of_its_process(server, tmp_path, monkeypatch):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    output, errors = (process := start(server, "echo", "a b", WORD="wörd")).communicate("typed")
    assert output == f"{folder} wörd ['rework', 'echo', 'a b'] typed\n"
    assert errors == "to stderr\n"
    assert process.returncode == 3


@pytest.mark.parametrize(("words", "status"), [(["leave", "5"], 5), (["fail"], 1), (["die"], 137)])
def test_every_end_is_told(server, words, status):
    process = start(server, *words)
    _, errors = process.communicate()
    assert process.returncode == status
    assert ("ValueError: a bug" in errors) == (words == ["fail"])


def test_a_step_that_comes_early_waits_for_the_imports(tmp_path):
    (tmp_path / "slow_to_import.py").write_text(
        "import time\nfrom pathlib import Path\nwhile not Path(__file__).with_name('go').exists(): time.sleep(0.05)\n"
    )
    address = tmp_path / "socket"
    path = f"{WORKFLOW}{os.pathsep}{tmp_path}"
    code = SERVE.replace("serve(())", "serve(['slow_to_import'])")
    command = [sys.executable, "-c", code, str(address)]
    server = subprocess.Popen(command, env=environment(PYTHONPATH=path), stdout=subprocess.PIPE, text=True)
    wait_for(address, server)
    early, gone, stopped = (
        start(address, *words) for words in (("leave", "5"), *2 * [("wait", str(tmp_path / "never"))])
    )
    time.sleep(1)
    assert early.poll() is None, "it did not wait"
    gone.kill()
    stopped.send_signal(signal.SIGINT)
    assert stopped.wait(10) == 130
    (tmp_path / "go").write_text("")
    assert early.wait(20) == 5
    assert stopped.communicate(timeout=10) == ("", "interrupted\n")
    server.terminate()
    assert server.communicate(timeout=10)[0] == "1 jobs ran in forks, 2 were refused\n"
    assert not (tmp_path / "never").exists()


def test_steps_run_side_by_side(server, tmp_path):
    waiting = start(server, "wait", str(tmp_path / "waiting"))
    wait_for(tmp_path / "waiting")
    other = start(server, "leave", "0")
    assert other.wait(10) == 0
    assert waiting.poll() is None
    waiting.terminate()
    assert waiting.wait(10) == 128 + signal.SIGTERM


def test_signals_are_passed_on(server, tmp_path):
    process = start(server, "wait", str(tmp_path / "waiting"))
    wait_for(tmp_path / "waiting")
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 130


def alive(process):
    """Return whether a process runs; one that ended may wait as a zombie for a parent to notice."""
    with suppress(OSError):
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    return False


def wait_for_the_end_of(process):
    for _ in range(200):
        if not alive(process):
            return
        time.sleep(0.05)
    raise AssertionError("it still runs")


def test_a_step_dies_with_its_process(server, tmp_path):
    process = start(server, "wait", str(tmp_path / "waiting"))
    wait_for(tmp_path / "waiting")
    step = int((tmp_path / "waiting").read_text())
    assert alive(step)
    process.kill()
    process.wait(10)
    wait_for_the_end_of(step)


def test_a_step_whose_server_is_killed_fails(tmp_path):
    address = tmp_path / "socket"
    server = subprocess.Popen([sys.executable, "-c", SERVE, str(address)], env=environment())
    wait_for(address, server)
    process = start(address, "wait", str(tmp_path / "waiting"))
    wait_for(tmp_path / "waiting")
    server.kill()
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "ended without a result" in errors
    wait_for_the_end_of(int((tmp_path / "waiting").read_text()))


def test_the_server_ends_with_its_parent(tmp_path):
    address = tmp_path / "socket"
    code = "import subprocess, sys; subprocess.Popen(sys.argv[1:]); sys.stdin.read()"
    parent = subprocess.Popen(
        [sys.executable, "-c", code, sys.executable, "-c", SERVE, str(address)],
        env=environment(),
        stdin=subprocess.PIPE,
    )
    wait_for(address, parent)
    parent.communicate()
    for _ in range(200):
        if not address.exists():
            return
        time.sleep(0.05)
    raise AssertionError("the server still serves")


@pytest.mark.parametrize("changes", [{"OMP_NUM_THREADS": "7"}, {"OPENBLAS_NUM_THREADS": "7"}])
def test_a_step_with_other_threads_runs_by_itself(server, changes):
    process = start(server, "echo", WORD="", **changes)  # the command line has no such step
    _, errors = process.communicate()
    assert process.returncode == 2
    assert "invalid choice: 'echo'" in errors


def test_without_a_server_a_step_runs_by_itself(tmp_path):
    process = start(tmp_path / "nobody", "echo")
    _, errors = process.communicate()
    assert process.returncode == 2
    assert "invalid choice: 'echo'" in errors


def test_another_interpreter_is_refused(server, monkeypatch):
    monkeypatch.setenv(client.ADDRESS, str(server))
    monkeypatch.setattr(client, "interpreter", lambda: ["another"])
    assert client.run_warm(["leave", "0"]) is None


def test_a_library_edited_since_the_server_started_is_refused(tmp_path):
    library = tmp_path / "workflow"
    shutil.copytree(WORKFLOW / "rework", library / "rework", ignore=shutil.ignore_patterns("__pycache__"))
    address = tmp_path / "socket"
    own = environment(PYTHONPATH=str(library))
    server = subprocess.Popen([sys.executable, "-c", SERVE, str(address)], env=own)
    wait_for(address, server)
    command = [sys.executable, "-m", "rework", "leave", "4"]
    assert subprocess.run(command, env=own | {"REWORK_WARM": str(address)}).returncode == 4
    (library / "rework" / "seeds.py").write_text("# another seed\n")
    assert subprocess.run(command, env=own | {"REWORK_WARM": str(address)}, capture_output=True).returncode == 2
    server.terminate()
    assert server.wait(10) == 0


def test_a_connection_that_says_nothing_does_not_keep_the_others(server):
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(str(server))
        assert start(server, "leave", "6").wait(20) == 6


@pytest.mark.parametrize("sent", [b"", b"\0" * 7 + b"\x02[]", b"\0" * 7 + b"\x02{}", b"\0" * 7 + b"\x09notjson!!"])
def test_a_senseless_request_is_refused_and_nothing_else_ends(server, tmp_path, sent):
    waiting = start(server, "wait", str(tmp_path / "waiting"))
    wait_for(tmp_path / "waiting")
    with socket.socket(socket.AF_UNIX) as other:
        other.connect(str(server))
        other.sendall(sent)
        other.shutdown(socket.SHUT_WR)
        assert other.recv(1) == client.REFUSED
    assert waiting.poll() is None
    waiting.terminate()
    assert waiting.wait(10) == 128 + signal.SIGTERM


def test_more_jobs_than_the_server_has_descriptors_for_wait_or_run_by_themselves(tmp_path):
    address = tmp_path / "socket"
    limited = f"import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))\n{SERVE}"
    server = subprocess.Popen([sys.executable, "-c", limited, str(address)], env=environment())
    wait_for(address, server)
    jobs = [start(address, "wait", str(tmp_path / f"waiting{number}")) for number in range(10)]
    wait_for(tmp_path / "waiting0")
    time.sleep(1)
    assert server.poll() is None
    for job in jobs:
        job.terminate()
    # Those that were refused have no step "wait" of their own.
    assert {job.wait(20) for job in jobs} <= {128 + signal.SIGTERM, 2, -signal.SIGTERM}
    server.terminate()
    assert server.wait(10) == 0


def test_what_is_preloaded_exists():
    from importlib.util import find_spec

    from rework.warm.server import PRELOADED

    assert all(find_spec(name) for name in PRELOADED)
    assert Server
