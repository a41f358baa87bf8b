"""Code fingerprints change with statements and with nothing else."""

import ast
import hashlib
import importlib.metadata
import json
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from rework import provenance
from rework.errors import ConfigError
from rework.fingerprint import SourceTree
from rework.provenance import LIBRARY_ROOT, code_fingerprint, environment, packages_hash


def tree(root, **modules):
    """Write a package; ``a__b`` is module ``rework.a.b`` (an empty ``__init__`` is added to every folder)."""
    for name, text in modules.items():
        path = root.joinpath("rework", *name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        for folder in [path.parent, *path.parent.parents]:
            if folder == root:
                break
            (folder / "__init__.py").touch()
    return root


def fingerprint(root, *modules):
    return SourceTree(root).fingerprint(*(f"rework.{name}" for name in modules))


ORIGINAL = '''
    """Module docstring."""
    import os
    LIMIT = 3

    def double(value: int) -> int:
        """Docstring."""
        return value * 2

    class Box:
        """Docstring."""
        side = (1, 2)
'''

SAME = {
    "comment": ORIGINAL.replace("LIMIT = 3", "# why three\n    LIMIT = 3  # three"),
    "blank lines": ORIGINAL.replace("\n", "\n\n"),
    "docstrings changed": ORIGINAL.replace("Docstring.", "Another text."),
    "docstrings removed": ORIGINAL.replace('    """Docstring."""\n', "").replace('    """Module docstring."""\n', ""),
    "reformatted": ORIGINAL.replace("value * 2", "(\n            value  *  2\n        )").replace("(1, 2)", "1,2"),
    "other quotes": ORIGINAL.replace('"""Docstring."""', "'''Docstring.'''"),
}

OTHER = {
    "constant": ORIGINAL.replace("LIMIT = 3", "LIMIT = 4"),
    "type of a constant": ORIGINAL.replace("LIMIT = 3", "LIMIT = 3.0"),
    "bool for int": ORIGINAL.replace("(1, 2)", "(True, 2)"),
    "name": ORIGINAL.replace("double", "twice"),
    "operator": ORIGINAL.replace("value * 2", "value + 2"),
    "order": ORIGINAL.replace("import os\n    LIMIT = 3", "LIMIT = 3\n    import os"),
    "a string that is no docstring": ORIGINAL.replace("LIMIT = 3", "LIMIT = 3\n    NAME = 'Docstring.'"),
}


@pytest.mark.parametrize("change", SAME)
def test_what_does_not_run_is_not_in_the_fingerprint(tmp_path, change):
    before = fingerprint(tree(tmp_path / "before", a=ORIGINAL), "a")
    assert fingerprint(tree(tmp_path / "after", a=SAME[change]), "a") == before


@pytest.mark.parametrize("change", OTHER)
def test_a_changed_statement_changes_the_fingerprint(tmp_path, change):
    before = fingerprint(tree(tmp_path / "before", a=ORIGINAL), "a")
    assert fingerprint(tree(tmp_path / "after", a=OTHER[change]), "a") != before


@pytest.mark.parametrize(
    ("statement", "module"),
    [
        ("import rework.inner.leaf", "inner.a"),
        ("import rework.inner.leaf as leaf", "inner.a"),
        ("from rework.inner import leaf", "inner.a"),
        ("from rework.inner.leaf import VALUE", "inner.a"),
        ("from rework.inner.leaf import *", "inner.a"),
        ("from . import leaf", "inner.a"),
        ("from .leaf import VALUE", "inner.a"),
        ("from ..inner.leaf import VALUE", "inner.a"),
        ("from ..inner import leaf", "inner.a"),
        ("def late():\n    from rework.inner.leaf import VALUE\n    return VALUE", "inner.a"),
        ("if True:\n    try:\n        import rework.inner.leaf\n    except ImportError:\n        pass", "inner.a"),
        ("from .inner.leaf import VALUE", "a"),
        ("from .inner import leaf", "a"),
    ],
)
def test_every_form_of_import_is_followed(tmp_path, statement, module):
    name = module.replace(".", "__")
    root = tree(tmp_path, inner__leaf="VALUE = 1", **{name: ""})
    (root / "rework" / (module.replace(".", "/") + ".py")).write_text(statement + "\n")
    assert "rework.inner.leaf" in SourceTree(root).closure(f"rework.{module}")
    before = fingerprint(root, module)
    tree(root, inner__leaf="VALUE = 2")
    assert fingerprint(root, module) != before


def test_the_closure_is_transitive_and_holds_nothing_else(tmp_path):
    root = tree(
        tmp_path,
        a="from rework import b",
        b="import numpy\nfrom rework.pack.c import x",
        pack__c="x = 1",
        other="y = 1",
    )
    assert SourceTree(root).closure("rework.a") == ("rework", "rework.a", "rework.b", "rework.pack", "rework.pack.c")
    before = fingerprint(root, "a")
    tree(root, other="y = 2")
    assert fingerprint(root, "a") == before


def test_the_init_files_of_parent_packages_count(tmp_path):
    root = tree(tmp_path, pack__c="x = 1")
    before = fingerprint(root, "pack.c")
    (root / "rework" / "pack" / "__init__.py").write_text("from rework.settings_of_pack import x\n")
    tree(root, settings_of_pack="x = 1")
    assert "rework.settings_of_pack" in SourceTree(root).closure("rework.pack.c")
    assert fingerprint(root, "pack.c") != before


def test_cyclic_imports_end(tmp_path):
    root = tree(tmp_path, a="from rework import b", b="from rework import c", c="from rework import a\nx = 1")
    assert len({fingerprint(root, "a"), fingerprint(root, "b"), fingerprint(root, "c")}) == 1
    before = fingerprint(root, "a")
    tree(root, c="from rework import a\nx = 2")
    assert fingerprint(root, "a") != before


def test_roots_are_a_set_and_every_root_counts(tmp_path):
    root = tree(tmp_path, a="x = 1", b="y = 1")
    assert fingerprint(root, "a", "b") == fingerprint(root, "b", "a", "a")
    assert len({fingerprint(root, "a"), fingerprint(root, "b"), fingerprint(root, "a", "b")}) == 3


def test_moving_code_between_modules_changes_the_fingerprint(tmp_path):
    before = fingerprint(tree(tmp_path / "before", a="from rework import b", b="x = 1", c=""), "a", "c")
    after = fingerprint(tree(tmp_path / "after", a="from rework import b", b="", c="x = 1"), "a", "c")
    assert before != after


def test_a_module_that_does_not_exist_is_named_with_its_nearest(tmp_path):
    root = tree(tmp_path, models__fashion_cnn="x = 1")
    with pytest.raises(ConfigError, match=r"rework\.models\.fashion_cn\b.*nearest is rework\.models\.fashion_cnn"):
        fingerprint(root, "models.fashion_cn")
    with pytest.raises(ConfigError, match="no module os"):
        SourceTree(root).fingerprint("os")


def test_a_syntax_error_is_named_with_its_line(tmp_path):
    root = tree(tmp_path, a="from rework import b", b="x = 1\ny = (")
    with pytest.raises(ConfigError, match=r"b\.py, line 2"):
        fingerprint(root, "a")


def test_the_fingerprint_of_this_library_covers_its_imports():
    assert len(code_fingerprint("rework.paths")) == 64
    closure = SourceTree(LIBRARY_ROOT).closure("rework.fingerprint")
    used = ("errors", "files", "fingerprint", "remembered_sources", "system_faults")
    assert closure == ("rework", *(f"rework.{name}" for name in used))


PINS = """\
dependencies:
  - python =3.11
  - pip:
      - "numpy==2.4.6"
      - "triton==3.8.0 ; sys_platform == 'linux'"
"""


def test_the_packages_are_their_pins_and_nothing_else(tmp_path):
    def written(text):
        (tmp_path / "some.yaml").write_text(text)
        return packages_hash("some", tmp_path)

    original = written(PINS)
    assert original == hashlib.sha256(b"numpy==2.4.6\ntriton==3.8.0 ; sys_platform == 'linux'").hexdigest()
    first, second = PINS.splitlines(keepends=True)[-2:]
    assert written("# a comment\n" + PINS.replace(first + second, f"{second}      # another\n{first}")) == original
    assert written(PINS.replace("2.4.6", "2.4.7")) != original
    assert written(PINS.replace(second, "")) != original


def test_packages_without_a_file_or_pins_are_refused(tmp_path):
    (tmp_path / "empty.yaml").write_text("dependencies:\n  - python =3.11\n")
    for family in ("empty", "missing"):
        with pytest.raises(ConfigError, match=rf"envs/{family}\.yaml.*make lock"):
            packages_hash(family, tmp_path)


def test_the_environment_is_told_without_importing_torch(monkeypatch):
    monkeypatch.setattr(provenance, "PACKAGES", ("numpy", "no-such-package"))
    told = environment()
    assert told["packages"]["numpy"].count(".") >= 2
    assert told["packages"]["no-such-package"] == "not installed"
    assert told["cpu"]


@pytest.mark.parametrize("lost", [None, ""])
def test_a_package_without_metadata_has_the_version_of_its_module_or_the_reason(monkeypatch, lost):
    monkeypatch.setattr(importlib.metadata, "version", lambda _: lost)
    monkeypatch.setattr(provenance, "PACKAGES", ("numpy", "scikit-learn", "json", "no-such-package"))
    monkeypatch.delitem(sys.modules, "sklearn", raising=False)
    assert environment()["packages"] == {
        "numpy": np.__version__,
        "scikit-learn": "unknown: installed without metadata that name it",
        "json": json.__version__,
        "no-such-package": "not installed",
    }


def test_what_was_parsed_is_remembered_until_it_changes(tmp_path, monkeypatch):
    root = tree(tmp_path, a="from rework import b\nX = 1", b="Y = 1")
    memory = tmp_path / "memory" / "sources.json"
    parsed = []
    parse = ast.parse
    monkeypatch.setattr(ast, "parse", lambda content, filename: parsed.append(Path(filename).name) or parse(content))

    def found():
        parsed.clear()
        return SourceTree(root, memory=memory).fingerprint("rework.a")

    first = found()
    assert sorted(parsed) == ["__init__.py", "a.py", "b.py"]
    assert found() == first == fingerprint(root, "a")
    tree(tmp_path, b="Y = 2")
    parsed.clear()
    changed = found()
    assert parsed == ["b.py"]
    assert changed == fingerprint(root, "a") != first
    tree(tmp_path, b="Y = 1  # as before")
    assert found() == first
    assert parsed == ["b.py"]


def test_a_module_that_becomes_a_package_imports_other_modules(tmp_path):
    """``from . import b`` means ``rework.b`` in ``a.py`` and ``rework.a.b`` in ``a/__init__.py``."""
    memory = tmp_path / "sources.json"
    root = tree(tmp_path, a="from . import b", b="Y = 1")
    assert SourceTree(root, memory=memory).fingerprint("rework.a") == fingerprint(root, "a")
    (root / "rework" / "a.py").unlink()
    tree(tmp_path, a__b="Z = 1")
    (root / "rework" / "a" / "__init__.py").write_text("from . import b")
    assert SourceTree(root, memory=memory).closure("rework.a") == ("rework", "rework.a", "rework.a.b")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": "2.7 x", "modules": {}}', '{"version": 1}', "\udc80"])
def test_a_damaged_memory_is_an_empty_one(tmp_path, content):
    root = tree(tmp_path, a="X = 1")
    memory = tmp_path / "sources.json"
    memory.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert SourceTree(root, memory=memory).fingerprint("rework.a") == fingerprint(root, "a")
    kept = json.loads(memory.read_text())
    kept["modules"]["rework.a"] = ["wrong"]
    memory.write_text(json.dumps(kept))
    assert SourceTree(root, memory=memory).fingerprint("rework.a") == fingerprint(root, "a")


def test_what_another_parser_read_is_forgotten(tmp_path):
    root = tree(tmp_path, a="X = 1")
    memory = tmp_path / "sources.json"
    kept = json.loads(memory.read_text()) if SourceTree(root, memory=memory).fingerprint("rework.a") else {}
    kept["modules"]["rework.a"][1] = "0" * 64
    memory.write_text(json.dumps(kept))
    assert SourceTree(root, memory=memory).fingerprint("rework.a") != fingerprint(root, "a"), "the memory is believed"
    kept["version"] = kept["version"][:-1]
    memory.write_text(json.dumps(kept))
    assert SourceTree(root, memory=memory).fingerprint("rework.a") == fingerprint(root, "a")


def test_a_memory_that_cannot_be_written_costs_nothing_but_time(tmp_path):
    root = tree(tmp_path, a="X = 1")
    (tmp_path / "file").write_text("")
    tree_without = SourceTree(root, memory=tmp_path / "file" / "sources.json")
    assert tree_without.fingerprint("rework.a") == fingerprint(root, "a")
