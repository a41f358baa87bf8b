"""A step that reads a damaged result stops and names it, whatever the result and whoever reads it.

What a step reads is not listed here but seen: Python tells of every file that is opened.
"""

import argparse
import re
import shutil
import sys
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fabricated import Artefacts, artefacts_to_make, sample_options
from fabricated_parts import record_outputs
from rework import paths
from rework.artefacts.make import build_artefact
from rework.catalogue.catalogue import load_catalogue
from rework.cli import main
from rework.datasets.photographs import TextPage
from rework.datasets.text_pages import write_dataset
from rework.errors import DataError
from rework.files import sha256_file
from rework.recorded import read_record, write_record
from rework.report.collect import collect
from rework.report.pages import render
from rework.samples.photographs import draw_page
from rework.settings.data import DatasetSettings
from rework.settings.run import DataSettings, InitialSettings, ModelSettings, OptimiserSettings
from rework.steps import evaluate, fit, read, train
from safetensors.numpy import save_file
from tiny_runs import a_run, write_tiny_dataset
from workflow_copy import REPOSITORY

pytestmark = pytest.mark.slow

OPENED: list[set[str]] = []


def note(event, arguments):
    """Remember the name of a file that is opened, while somebody watches."""
    if event == "open" and OPENED and isinstance(arguments[0], str | Path):
        OPENED[-1].add(str(arguments[0]))


sys.addaudithook(note)


@contextmanager
def watched(results):
    """Yield a set that holds, at the end, the results that were there before and were opened meanwhile."""
    before = {str(path) for path in results.rglob("*") if path.is_file()}
    found = set()
    OPENED.append(set())
    try:
        yield found
    finally:
        found.update(map(Path, OPENED.pop() & before))


@contextmanager
def damaged(path):
    """Flip a bit in the last tenth of a file, where arrays have values and not their shape; in JSON, in a value."""
    whole = path.read_bytes()
    content = bytearray(whole)
    digit = re.search(rb"(?<![a-z0-9])[0-9]", whole)
    content[digit.start() if digit and path.suffix == ".json" else -1 - len(content) // 10] ^= 1
    path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(whole)


def check(results, step, used=()):
    """Run a step; then damage each result that it opened, in turn, and run it again: it must stop.

    An array of a data set may be opened for its shape alone, unless it is in ``used``; then the step may end, with the
    same files. Of results with the same name, as of several runs, one is damaged. What the step makes itself
    does not count.
    """
    with watched(results) as opened:
        own = step()
    made = {path: path.read_bytes() for path in own if path.is_file() and path.suffix != ".json"}
    kinds = {path.name: path for path in sorted(opened - own)}
    assert set(used) <= set(kinds)
    for name, path in kinds.items():
        with damaged(path):
            if path.suffix == ".npy" and name not in used:
                with suppress(DataError):
                    step()
                assert {other: other.read_bytes() for other in made} == made
                continue
            with pytest.raises(DataError, match=f"{re.escape(name)}.* makes it again"):
                step()


FIRST_OF_FUNCTIONS = {settings.function: settings for settings in reversed(artefacts_to_make())}.values()


@pytest.fixture(scope="module")
def artefacts_of(tmp_path_factory):
    """Made-up results of a writeup, made up for its first artefact."""
    made = {}

    def find(writeup):
        if writeup not in made:
            made[writeup] = Artefacts.made_up(writeup, tmp_path_factory.mktemp(writeup) / "full")
        return made[writeup]

    return find


@pytest.mark.parametrize("settings", FIRST_OF_FUNCTIONS, ids=lambda settings: settings.id)
def test_no_artefact_is_made_of_it(artefacts_of, settings, monkeypatch):
    monkeypatch.setenv("PATH", "")  # networks for C++ are read without a compiler, too, in a hundredth of the time
    artefacts = artefacts_of(settings.writeup)
    options = sample_options(settings.id)
    settings = replace(artefacts.settings(settings.name, **options), published=(), claims=())

    def make():
        build_artefact(settings, artefacts.results)
        return {paths.artefact_file(artefacts.results, settings.id, suffix) for suffix in ("json", "csv", "svg")}

    check(artefacts.results, make)


def run_step(step, settings, results, *words):
    parser = argparse.ArgumentParser()
    parser.set_defaults(step="test")
    step.add_arguments(parser)
    step.main(parser.parse_args([*words, "--settings", settings.to_json(), "--results", str(results)]))
    folder = paths.run_dir(results, settings.writeup, settings.run, settings.seed)
    made = {train: (*paths.TRAINED_FILES, "provenance.json"), evaluate: ("metrics.json", "predictions.npz")}
    return {folder / name for name in made.get(step, paths.RUN_FILES)}


ARRAYS = {f"{split}_{array}.npy" for split in ("train", "validation") for array in ("inputs", "targets")}


@pytest.fixture
def results(tmp_path):
    write_tiny_dataset(tmp_path)
    return tmp_path


def test_no_run_is_trained_or_measured_on_it(results):
    settings = a_run(epochs=1)
    check(results, lambda: run_step(train, settings, results, "--device", "cpu"), {"dataset.json", *ARRAYS})
    used = {"dataset.json", "test_inputs.npy", "test_targets.npy", "weights.safetensors", "provenance.json"}
    check(results, lambda: run_step(evaluate, settings, results, "--device", "cpu"), used)


def test_no_training_starts_with_it(results):
    plain = a_run(epochs=1)
    run_step(train, plain, results, "--device", "cpu")
    weights = paths.initial_weights_file(results, "donor")
    weights.parent.mkdir()
    shutil.copy(paths.run_dir(results, plain.writeup, plain.run, plain.seed) / "weights.safetensors", weights)
    write_record(weights.with_suffix(".json"), {"provenance": {"outputs": {weights.name: sha256_file(weights)}}})
    settings = replace(plain, initial=InitialSettings("donor", "block1"))
    used = {"dataset.json", "donor.safetensors", "donor.json"}

    def start():
        # What is kept of the training before would be taken in place of a new one.
        shutil.rmtree(results / "finished", ignore_errors=True)
        return run_step(train, settings, results, "--device", "cpu")

    start()
    shutil.rmtree(results / "finished")
    check(results, start, used)


def test_no_engine_is_fitted_to_it(results):
    settings = a_run(
        model=ModelSettings("numpy-classifier", {"hidden": (5,)}),
        data=DataSettings("tiny"),
        optimiser=OptimiserSettings("sgd", 0.01),
        loss="cross-entropy",
        task=None,
        epochs=1,
    )
    check(results, lambda: run_step(fit, settings, results), {"dataset.json", *ARRAYS, "test_targets.npy"})


def test_no_page_is_read_with_it(tmp_path):
    settings = load_catalogue(REPOSITORY).run("sample", "nist36", "scratch", 0)
    random = np.random.default_rng(0)
    page = TextPage("page", draw_page(("AB",), random), ("AB",))
    write_dataset(paths.dataset_dir(tmp_path, "photographs"), (page,), DatasetSettings("photographs", True, ()))
    folder = paths.run_dir(tmp_path, "nist36", "scratch", 0)
    folder.mkdir(parents=True)
    shapes = {"layer1.weight": (1024, 5), "layer1.bias": (5,), "layer2.weight": (5, 36), "layer2.bias": (36,)}
    save_file({name: random.normal(size=shape) for name, shape in shapes.items()}, folder / "weights.safetensors")
    record_outputs(folder)
    reading = paths.reading_file(tmp_path, "photographs", settings.id, 0)

    def step():
        run_step(read, settings, tmp_path, "photographs")
        return {reading, reading.with_suffix(".json")}

    check(tmp_path, step, {"crops.npy", "dataset.json", "weights.safetensors", "provenance.json"})


def test_no_data_set_is_made_of_damaged_samples(tmp_path):
    settings = load_catalogue(REPOSITORY).dataset("sample", "ocr-letters")
    settings = replace(settings, options={"words": 120})
    given = ["--settings", settings.to_json(), "--results", str(tmp_path)]
    assert main(["sample", *given]) == main(["preprocess", *given]) == 0
    raw = paths.raw_dir(tmp_path, "ocr-letters")
    names = sorted(path.name for path in raw.iterdir())
    assert names == [".record.json", "letter.data.gz"]
    for name in names:
        with damaged(raw / name):
            assert main(["preprocess", *given]) == 2
    (raw / "second.gz").touch()
    assert main(["preprocess", *given]) == 2


def test_no_report_is_built_from_it(tmp_path):
    results = tmp_path / "full"
    shutil.copytree(REPOSITORY / "results" / "reference", results, ignore=shutil.ignore_patterns("report"))
    for path in results.rglob("*.json"):
        write_record(path, read_record(path))
    catalogue = load_catalogue(REPOSITORY, {"without": []})
    with watched(results) as opened:
        render(collect(catalogue, "reference", results), "html", "")
    kinds = {(path.relative_to(results).parts[0], path.suffix, path.stem[:4] == "prov"): path for path in opened}
    assert {kind[:2] for kind in kinds} == {
        *(("runs", ".json"), ("artefacts", ".json"), ("artefacts", ".svg"), ("data", ".json"), ("weights", ".json")),
        ("published", ".json"),
    }
    for path in kinds.values():
        with damaged(path), pytest.raises(DataError, match=f"{re.escape(path.name)}.* makes it again"):
            render(collect(catalogue, "reference", results), "html", "")
