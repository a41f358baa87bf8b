"""A training that was finished survives the jobs that fail after it."""

import argparse
import os
import shutil

import pytest
from rework.paths import TRAINED_FILES, checkpoint_file, finished_dir, run_dir
from rework.steps import train
from tiny_runs import a_run, write_tiny_dataset

FILES = (*TRAINED_FILES, "provenance.json")
SETTINGS = a_run(epochs=1)


@pytest.fixture
def results(tmp_path):
    write_tiny_dataset(tmp_path)
    return tmp_path


@pytest.fixture
def trained(results, capsys):
    """Return a function that trains, and returns the bytes of the results and whether a finished training was used."""

    def call(settings=SETTINGS):
        parser = argparse.ArgumentParser()
        parser.set_defaults(step="train")
        train.add_arguments(parser)
        train.main(parser.parse_args(["--settings", settings.to_json(), "--results", str(results), "--device", "cpu"]))
        folder = run_dir(results, "tests", "cnn", 0)
        again = "was finished before" in capsys.readouterr().out
        return {name: (folder / name).read_bytes() for name in FILES}, again

    return call


def fail(results):
    """Do what Snakemake does when a job starts and when it fails."""
    shutil.rmtree(run_dir(results, "tests", "cnn", 0))


def broken(*_):
    raise MemoryError


@pytest.mark.parametrize("links", [True, False], ids=["second names", "copies"])
def test_it_is_back_after_a_job_that_failed(results, trained, monkeypatch, links):
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(PermissionError(1, "no links here")))
    whole, again = trained()
    assert not again
    fail(results)
    with monkeypatch.context() as patch:
        patch.setattr(train, "_train", broken)
        with pytest.raises(MemoryError):
            trained(a_run(epochs=1, batch_size=5))
    before = (results / "data" / "tiny" / "dataset.json").stat().st_mtime_ns
    # Even the record is that of the training which was finished: it was trained once.
    assert trained() == (whole, True)
    folder = run_dir(results, "tests", "cnn", 0)
    assert min((folder / name).stat().st_mtime_ns for name in FILES) >= before
    assert not checkpoint_file(results, "tests", "cnn", 0).exists()


def test_it_takes_no_space_and_belongs_to_its_settings_only(results, trained):
    first, _ = trained()
    kept = finished_dir(results, "tests", "cnn", 0)
    assert (kept / FILES[0]).samefile(run_dir(results, "tests", "cnn", 0) / FILES[0])
    other, again = trained(a_run(epochs=1, batch_size=5))
    assert not again
    assert other["weights.safetensors"] != first["weights.safetensors"]
    third, again = trained()
    assert not again, "only the last training is kept"
    assert third["weights.safetensors"] == first["weights.safetensors"]


@pytest.mark.parametrize("name", ["identity", *FILES])
@pytest.mark.parametrize("how", ["changed", "missing"])
def test_what_is_not_whole_is_trained_again(results, trained, name, how):
    first, _ = trained()
    path = finished_dir(results, "tests", "cnn", 0) / name
    if how == "changed":
        content = bytearray(path.read_bytes())
        content[-3] ^= 1
        path.write_bytes(content)
    else:
        path.unlink()
    second, again = trained()
    assert not again
    assert second["weights.safetensors"] == first["weights.safetensors"]


def test_a_training_that_cannot_be_kept_is_finished_all_the_same(results, trained):
    (results / "finished").write_text("a file in the folder's place")
    first, _ = trained()
    second, again = trained()
    assert not again
    assert second["weights.safetensors"] == first["weights.safetensors"]
