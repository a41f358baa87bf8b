"""A checkout on a system with other line ends has the same files, byte by byte."""

import subprocess

from workflow_copy import REPOSITORY


def git(folder, *words):
    return subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True).stdout


def test_text_has_unix_line_ends_whatever_git_is_told(tmp_path):
    """A repository with this project's attributes, checked out as Git for Windows does it."""
    origin, copy = tmp_path / "origin", tmp_path / "copy"
    contents = {
        ".gitattributes": (REPOSITORY / ".gitattributes").read_bytes(),
        "setup.sh": b"#!/bin/sh\necho yes\n",
        "table.csv": b"a,b\n1,2\n",
        "picture.png": b"\x89PNG\r\n\x1a\n\n\r\n",
        "weights.npz": b"text to the eye\n",
    }
    origin.mkdir()
    for name, content in contents.items():
        (origin / name).write_bytes(content)
    git(origin, "init", "-q")
    git(origin, "add", ".")
    git(origin, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "all")
    git(tmp_path, "clone", "-q", "-c", "core.autocrlf=true", "-c", "core.eol=crlf", origin, copy)
    assert {name: (copy / name).read_bytes() for name in contents} == contents


def test_no_file_of_this_repository_has_other_line_ends():
    listed = git(REPOSITORY, "ls-files", "--eol").decode().splitlines()
    wrong = [line for line in listed if "i/crlf" in line or "i/mixed" in line]
    assert wrong == []
    assert len(listed) > 100
