"""Set-up says in one line what is missing, and does nothing when the lock files are unchanged."""

import os
import shutil
import subprocess
import sys

import pytest
from workflow_copy import REPOSITORY

TOOLS = ("sh", "cat", "rm", "id", "sha256sum", "grep", "mkdir")


@pytest.fixture
def machine(tmp_path):
    """A repository to set up, and a PATH that holds a few basic tools and no Python."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in TOOLS:
        (programs / tool).symlink_to(shutil.which(tool))
    root = tmp_path / "repository"
    (root / "tools").mkdir(parents=True)
    (root / "report").mkdir()
    shutil.copy2(REPOSITORY / "tools" / "setup.sh", root / "tools")
    for name in ("requirements.txt", "pyproject.toml", "report/package.json", "report/package-lock.json"):
        (root / name).write_text("one\n")
    return root


def program(machine, name, script):
    """Put a program on the PATH."""
    path = machine.parent / "bin" / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def set_up(machine):
    environment = {"PATH": str(machine.parent / "bin")}
    done = subprocess.run(["tools/setup.sh"], cwd=machine, env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_no_python_is_said_in_one_line(machine):
    status, _, said = set_up(machine)
    assert status == 1
    assert said.count("\n") == 1
    assert "no Python 3.11, 3.12 or 3.13 found: the locked packages" in said


@pytest.mark.parametrize(("version", "wanted"), [((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False)])
def test_a_python_that_is_too_old_or_too_new_is_named(machine, version, wanted):
    """This interpreter judges the condition that the script asks about, with another version."""
    judge = f"import sys; sys.version_info = {version}; exec(sys.argv[1])"
    name = "Python " + ".".join(map(str, version))
    program(
        machine,
        "python3",
        f'case "$1" in --version) echo "{name}";; *) shift; "{sys.executable}" -c "{judge}" "$1";; esac',
    )
    status, said, error = set_up(machine)
    assert (f"creating .venv with {name}" in said) == wanted
    if not wanted:
        assert status == 1
        assert error.count("\n") == 1
        assert f"found (python3 is {name}): the locked packages are made for these" in error
        assert "make PYTHON=" in error


# What apt-get is called with while another process holds its lock, at first.
APT = """\
echo "$*" >>{calls}
case "$*" in
  *DPkg::Lock::Timeout=[1-9]*) exit 0 ;;
  *) echo "E: Could not get lock" >&2; exit 100 ;;
esac
"""


@pytest.mark.parametrize("script", ["setup.sh", "setup_slurm.sh"])
def test_the_lock_of_apt_is_waited_for(machine, script):
    shutil.copy2(REPOSITORY / "tools" / "setup_slurm.sh", machine / "tools")
    program(machine, "id", "echo 0")
    program(machine, "apt-get", APT.format(calls=machine.parent / "calls"))
    program(machine, "python3", 'case "$2" in *ensurepip*) exit 1 ;; *version_info*) exit 0 ;; esac')
    program(machine, "mkdir", "exit 0")
    environment = {"PATH": str(machine.parent / "bin")}
    done = subprocess.run([f"tools/{script}"], cwd=machine, env=environment, capture_output=True, text=True, timeout=60)
    asked = calls(machine)
    assert len(asked) == 2
    assert "Could not get lock" not in done.stderr


# A Python that is new enough and makes an environment whose own Python writes down what it is asked.
PYTHON = """\
case "$2" in
  *version_info*) exit 0 ;;
  *ensurepip*) exit 0 ;;
esac
case "$1" in
  --version) echo "Python 3.12.1" ;;
  -m) mkdir -p "$3/bin"; cat "$RECORDER" >"$3/bin/python"; cat "$RECORDER" >"$3/bin/pip"; cat "$RECORDER" >"$3/bin/uv"
      /bin/chmod +x "$3/bin/python" "$3/bin/pip" "$3/bin/uv" ;;
esac
"""


@pytest.fixture
def equipped(machine):
    """The same machine with Python, npm and the system libraries, all of which only write down their calls."""
    calls = machine.parent / "calls"
    recorder = machine.parent / "recorder"
    recorder.write_text(f'#!/bin/sh\necho "${{0##*/}} $*" >>{calls}\n')
    program(machine, "python3", f"RECORDER={recorder}\n{PYTHON}")
    program(machine, "npm", f'echo "npm $*" >>{calls}\nmkdir -p report/node_modules')
    libraries = "libpango-1.0.so.0 libpangoft2-1.0.so.0 libharfbuzz-subset.so.0"
    script = machine / "tools" / "setup.sh"
    script.write_text(script.read_text().replace("/sbin/ldconfig -p", f'echo "{libraries}"'))
    return machine


def calls(machine):
    path = machine.parent / "calls"
    found = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return found


def test_a_second_call_installs_nothing(equipped):
    status, said, error = set_up(equipped)
    assert status == 0, error
    assert "Python 3.12.1" in said
    done = calls(equipped)
    assert any("pip sync" in call and "--require-hashes requirements.txt" in call for call in done)
    assert any("--editable ." in call and "--no-build-isolation" in call for call in done)
    assert any(call.startswith("npm ci") for call in done)
    assert set_up(equipped)[0] == 0
    assert calls(equipped) == []


@pytest.mark.parametrize(
    ("file", "again"),
    [("requirements.txt", "uv pip sync"), ("pyproject.toml", "uv pip sync"), ("report/package-lock.json", "npm ci")],
)
def test_a_changed_lock_file_installs_what_it_locks(equipped, file, again):
    set_up(equipped)
    calls(equipped)
    (equipped / file).write_text("two\n")
    set_up(equipped)
    done = calls(equipped)
    assert any(call.startswith(again) for call in done)
    other = "npm" if again.startswith("uv") else "uv"
    assert not any(call.startswith(other) for call in done)
    (equipped / file).touch()
    set_up(equipped)
    assert calls(equipped) == []


def test_lost_node_packages_are_installed_again(equipped):
    set_up(equipped)
    calls(equipped)
    (equipped / "report" / "node_modules").rmdir()
    set_up(equipped)
    assert [call.split()[0] for call in calls(equipped)] == ["npm"]


def test_missing_system_libraries_are_named_with_the_command(equipped):
    program(equipped, "id", "echo 1000")
    script = equipped / "tools" / "setup.sh"
    script.write_text(script.read_text().replace('libharfbuzz-subset.so.0"', '"'))
    status, _, said = set_up(equipped)
    assert status == 1
    assert said.count("\n") == 1
    assert "sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in said


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"HOME": "{folder}"}, ""),
        ({"HOME": "/proc/none"}, "{repository}/.cache"),
        ({}, ""),  # of root, whose home would be /
        ({"HOME": "/proc/none", "XDG_CACHE_HOME": "{folder}"}, "{folder}"),
    ],
)
def test_who_has_no_home_gets_a_cache_in_the_checkout(tmp_path, variables, expected):
    """Without one, Snakemake ends with a traceback."""
    places = {"folder": tmp_path, "repository": REPOSITORY}
    (tmp_path / "show.mk").write_text(f"include {REPOSITORY}/Makefile\nshow:\n\t@echo [$$XDG_CACHE_HOME]\n")
    given = {name: text.format(**places) for name, text in variables.items()}
    done = subprocess.run(
        ["make", "-f", str(tmp_path / "show.mk"), "-C", str(REPOSITORY), "--no-print-directory", "show"],
        env={"PATH": "/usr/bin:/bin", **given}, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    if variables or os.access("/", os.W_OK):
        assert done.stdout == f"[{expected.format(**places)}]\n"
