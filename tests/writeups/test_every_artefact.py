"""What is true of every artefact of every writeup, and for the functions that make them."""

import importlib
import json
import os
import subprocess
import sys

import pytest
from artefact_checks import check_made
from fabricated import CATALOGUE, artefacts_to_make, sample_options
from rework import paths
from rework.artefacts.make import build_artefact
from rework.catalogue.artefact_functions import RECIPES, artefact_makers, writeup_folder
from workflow_copy import REPOSITORY

pytestmark = pytest.mark.slow

TO_MAKE = artefacts_to_make()
# It compiles C++ for half a minute, which course-notes/test_deployment.py does with the same check.
COMPILED = "course-notes/cpp-inference"


@pytest.mark.parametrize(
    "settings", [item for item in TO_MAKE if item.id != COMPILED], ids=lambda settings: settings.id
)
def test_it_is_made_with_everything_that_the_report_reads(artefacts_of, settings):
    artefacts = artefacts_of(settings.writeup)
    check_made(artefacts.results, artefacts.settings(settings.name, **sample_options(settings.id)))


@pytest.mark.parametrize("writeup", ["fashion-captions", "ocr", "mnist-cifar", "nist36"])
def test_nothing_of_the_writeup_is_missing(writeup):
    assert all(CATALOGUE.artefact("full", name).not_run is None for name in CATALOGUE.artefact_ids(writeup))


def test_every_function_makes_an_artefact():
    used = {settings.function for settings in TO_MAKE}
    folders = [RECIPES, *(writeup_folder(writeup) for writeup in CATALOGUE.writeups)]
    declared = {
        f"rework.artefacts.{folder.name}.{home.stem}.{name}"
        for folder in folders
        for name, homes in artefact_makers(folder).items()
        for home in homes
    }
    assert used == declared


def test_a_folder_of_a_writeup_holds_no_recipe_and_lists_no_names():
    for writeup in CATALOGUE.writeups:
        others = [settings for settings in TO_MAKE if settings.writeup != writeup]
        package = f"rework.artefacts.{writeup_folder(writeup).name}."
        assert not [settings.id for settings in others if settings.function.startswith(package)]
        if writeup_folder(writeup).is_dir():
            assert importlib.import_module(package.rstrip(".")).__doc__


def in_another_process(code, results, *settings):
    """Run code that finds the results folder and the JSON of settings in ``sys.argv``; return the JSON it prints."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "workflow"), "PYTHONHASHSEED": "5", "TZ": "Asia/Tokyo"}
    before = (
        "import sys, json; from pathlib import Path; from rework.artefacts.make import build_artefact;"
        "from rework.settings.artefact import ArtefactSettings;"
        "[build_artefact(ArtefactSettings.from_json(json.loads(s)), Path(sys.argv[1])) for s in sys.argv[2:]];"
    )
    command = [sys.executable, "-c", before + code, str(results), *(item.to_json() for item in settings)]
    done = subprocess.run(command, env=environment, cwd=results, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def loaded(*packages):
    """Return code that prints which of some packages are loaded."""
    return f"print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}} & {set(packages)})))"


def test_another_process_makes_the_same_bytes_and_needs_no_torch(artefacts_of):
    artefacts = artefacts_of("fashion-captions")
    chosen = [artefacts.settings(item.name) for item in TO_MAKE if item.writeup == "fashion-captions"]
    before = {}
    for settings in chosen:
        build_artefact(settings, artefacts.results)
        for suffix in ("json", "csv", "svg"):
            path = paths.artefact_file(artefacts.results, settings.id, suffix)
            if path.is_file():
                before[path] = path.read_bytes()
    assert in_another_process(loaded("torch", "torchvision"), artefacts.results, *chosen) == []
    for path, content in before.items():
        assert path.read_bytes() == content, path.name


def test_a_table_needs_no_matplotlib(artefacts_of):
    artefacts = artefacts_of("fashion-captions")
    tables = [artefacts.settings(name) for name in ("dropout-table", "claims")]
    assert in_another_process(loaded("matplotlib"), artefacts.results, *tables) == []
