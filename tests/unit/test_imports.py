"""The order of the library's packages in pyproject.toml is respected, and every package has a place in it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def library(tmp_path):
    """Return a copy of the library, with the configuration of the check beside it."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    copy = tmp_path / "workflow" / "rework"
    shutil.copytree(ROOT / "workflow" / "rework", copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def check(library):
    """Return exit status and output of the check on a library."""
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=library.parents[1],
        env={"PYTHONPATH": str(library.parent), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return found.returncode, found.stdout + found.stderr


def test_the_library_imports_downward_only(library):
    status, said = check(library)
    assert (status, "1 kept, 0 broken" in said) == (0, True), said


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("formats/mat.py", "datasets.store"),
        ("handwriting/text.py", "steps.read"),
        ("settings/run.py", "catalogue.plan"),
    ],
)
def test_an_import_upward_is_refused_even_inside_a_function(library, module, imported):
    with (library / module).open("a") as content:
        content.write(f"\n\ndef late() -> None:\n    import rework.{imported}\n")
    status, said = check(library)
    assert status == 1
    assert f"rework.{imported}" in said


def test_a_new_package_must_be_placed(library):
    (library / "novelty.py").write_text("")
    status, said = check(library)
    assert status == 1
    assert "novelty" in said
