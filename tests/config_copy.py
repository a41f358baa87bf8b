"""A copy of the project's configuration in a temporary folder, to be changed, and why it is then refused."""

import shutil
from pathlib import Path

import pytest
from rework.catalogue.catalogue import load_catalogue
from rework.errors import ConfigError

ROOT = Path(__file__).resolve().parents[1]


def copy_config(folder):
    """Copy the configuration into a folder, and return that."""
    shutil.copytree(ROOT / "config", folder / "config")
    return folder


def change(root, file, old, new):
    """Replace the first ``old`` in a file."""
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text, "the test itself is out of date"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(root):
    """Return why the configuration is refused."""
    with pytest.raises(ConfigError) as error:
        load_catalogue(root)
    return str(error.value)
