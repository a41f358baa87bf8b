"""Configuration files that cannot be read, paths that cannot be meant, and names that the workflow has itself."""

import os
import re
import subprocess
import sys

import pytest
from config_copy import change, copy_config, refusal
from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.names import RESERVED
from rework.errors import ConfigError
from workflow_copy import REPOSITORY

FILES = ("config/config.yaml", "config/sample.yaml", "config/assets.yaml", "config/writeups/ocr.yaml")


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("REWORK_DATA", raising=False)
    return copy_config(tmp_path)


def put(content):
    def write(path):
        path.write_bytes(content)

    return write


def folder(path):
    path.unlink()
    path.mkdir()


BROKEN = {
    "binary": (put(b"\x00\x01\x02"), "not valid YAML: "),
    "not UTF-8": (put("a: grüße".encode("latin-1")), "not UTF-8 text, at byte 5"),
    "half a list": (put(b"a: [1, 2"), "not valid YAML: did not find"),
    "two documents": (put(b"a: 1\n---\na: 2\n"), "not valid YAML: "),
    "a list": (put(b"- a\n"), "expected keys with values, found list"),
    "a word": (put(b"word"), "expected keys with values, found str"),
    "no whole number": (put(b"a: !!int word"), "not valid YAML: "),
    "an object of Python": (put(b"a: !!python/object:os.system {}"), "line 1: not valid YAML: "),
    "deeply nested": (put(b"a: " + b"[" * 50_000), "line 1: nested more than 64 deep"),
    "deeply nested and whole": (put(b"a: " + b"[" * 50_000 + b"]" * 50_000), "nested more than 64 deep"),
    "deeply nested blocks": (put(b"- " * 50_000), "nested more than 64 deep"),
    "far indented": (put(b"".join(b" " * depth + b"a:\n" for depth in range(3_000))), "nested more than 64 deep"),
    "a list as a text": (put(b"a: !!str [1]"), "not valid YAML: "),
    "a blank text": (put(b"a: ' '"), "line 1: key a: a text is blank; write null"),
    "a control character": (put(b'a: "b\\x07"'), "line 1: key a: a text contains a control character, U+0007"),
    "a blank text further inside": (put(b"a:\n  b: [x, {c: ''}]"), "line 2: key a.b[1].c: a text is blank"),
    "a blank text of a block that others merge": (put(b"a: &x {b: ' '}\nc:\n  <<: *x"), "line 1: key a.b: a text is"),
    "a number further inside": (put(b"a:\n  b: [1, 010]"), "line 2: key a.b[1]: found 010, expected a number without"),
    "a blank name": (put(b"a:\n  ' ': 1"), "line 2: key a: a text is blank"),
    "an endless word": (put(b"a: " + b"x" * 300), "line 1: key a: a text is one word of 300 characters"),
    "an endless text": (put(b"a: " + b"x " * 3_000), "line 1: key a: a text has 5,999 characters"),
    "huge": (put(b"a: 1 # " + b"x" * 2**23), "bytes, expected at most 8,388,608"),
}


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_named_in_one_line(root, file, kind):
    damage, said = BROKEN[kind]
    damage(root / file)
    text = refusal(root)
    assert text.startswith(file)
    assert said in text
    assert "\n" not in text


@pytest.mark.parametrize("file", FILES[:3])
def test_a_folder_in_the_place_of_a_file_is_named(root, file):
    folder(root / file)
    assert refusal(root) == f"{file}: a folder is where a file should be"


@pytest.mark.parametrize("file", FILES[1:])
def test_an_empty_file_is_no_traceback(root, file):
    (root / file).write_text("")
    if file == "config/sample.yaml":
        load_catalogue(root)  # it changes nothing then
    else:
        assert refusal(root).startswith(file)


PATHS = {
    "line break": ("data_dir", "da\nta", "control character"),
    "NUL": ("data_dir", "da\0ta", "control character"),
    "unknown user": ("data_dir", "~nobody-has-this-name/data", "no home folder is known for ~nobody-has-this-name"),
    "file": ("data_dir", "config/config.yaml", "config/config.yaml is a file, expected a folder"),
    "below a file": ("data_dir", "config/config.yaml/data", "config/config.yaml is a file, expected a folder"),
    "in the results": ("data_dir", "results/data", "where all is made anew"),
    "in the results, in disguise": ("data_dir", "config/../results/full", "where all is made anew"),
    "around the results": ("data_dir", ".", "where all is made anew"),
    "around the results, in disguise": ("data_dir", "config/..", "where all is made anew"),
    "around the results, by its whole path": ("data_dir", "~/..", "expected a folder of its own"),
    "local file": ("local_folders", ["config/config.yaml"], "is a file, expected a folder"),
    "local, unknown user": ("local_folders", ["~nobody-has-this-name"], "no home folder is known"),
    "substitutes": ("substitutes", ["a\tb"], "control character"),
}


@pytest.mark.parametrize("case", PATHS)
def test_a_path_that_cannot_be_meant_is_refused_with_its_key(root, case):
    key, value, said = PATHS[case]
    with pytest.raises(ConfigError) as caught:
        load_catalogue(root, {key: value})
    assert f"key {key}" in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_link_into_the_results_or_to_nothing_is_no_folder_of_data(root):
    (root / "results" / "full").mkdir(parents=True)
    (root / "inside").symlink_to(root / "results" / "full")
    (root / "round").symlink_to(root / "round")
    (root / "lost").symlink_to(root / "gone")
    for name, said in (
        ("inside", "where all is made anew"),
        ("inside/data", "where all is made anew"),
        ("round", "round is a link that leads to nothing"),
        ("lost/data", "lost is a link that leads to nothing"),
    ):
        with pytest.raises(ConfigError) as caught:
            load_catalogue(root, {"data_dir": name})
        assert "key data_dir: " in str(caught.value)
        assert said in str(caught.value)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("ocr-letters//letter.data.gz", "expected 'ocr-letters/letter.data.gz', which is the same file"),
        ("ocr-letters/./letter.data.gz", "expected 'ocr-letters/letter.data.gz', which is the same file"),
        ("Fashion-MNIST/train-images-idx3-ubyte.gz", "is already the file of asset"),
    ],
)
def test_two_names_of_one_file_are_refused(root, path, said):
    change(root, "config/assets.yaml", "ocr-letters/letter.data.gz", path)
    assert said in refusal(root)


def test_a_folder_of_the_environment_is_named_by_its_variable(root, monkeypatch):
    monkeypatch.setenv("REWORK_DATA", f"{root / 'config'}{os.pathsep}{root / 'config' / 'config.yaml'}")
    assert refusal(root).startswith("environment variable REWORK_DATA: ")


def test_paths_that_can_be_meant_are_taken(root):
    (root / "data of mine").mkdir()
    found = load_catalogue(root, {"data_dir": "data of mine", "local_folders": ["not/there/yet", "~"]}).config
    assert str(found.data_dir) == "data of mine"
    assert len(found.local_folders) == 2


@pytest.mark.parametrize("name", ["sample", "verify", "all", "train"])
def test_a_writeup_has_no_name_of_a_rule(root, name):
    source = root / "config" / "writeups" / "ocr.yaml"
    text = source.read_text()
    (source.parent / f"{name}.yaml").write_text(re.sub(r"(?m)^id: ocr$", f"id: {name}", text))
    assert "a rule of the workflow has this name" in refusal(root)


def test_every_rule_of_the_workflow_is_known_by_name():
    listed = subprocess.run(
        [sys.executable, "-m", "snakemake", "--list", "--cores", "1"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    rules = {line.strip() for line in listed.stdout.splitlines() if line.strip()}
    writeups = set(load_catalogue(REPOSITORY).writeups)
    kinds = {name for name in rules - writeups if not re.match("preprocess", name)}
    assert kinds <= RESERVED, sorted(kinds - RESERVED)
