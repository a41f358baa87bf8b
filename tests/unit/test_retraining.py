"""A recorded run is trained again and compared to the byte; what cannot be compared says why."""

import json
from dataclasses import replace

import pytest
from rework import paths
from rework.auditing import retraining
from rework.auditing.retraining import chosen_runs, retrain
from rework.catalogue.plan import Plan
from rework.cli import main
from rework.recorded import write_record
from rework.settings.run import CaptureSettings
from tiny_runs import RUN, a_run, write_tiny_dataset

pytestmark = pytest.mark.slow
SETTINGS = a_run(epochs=1)


class Catalogue:
    """What choosing and training runs asks of a catalogue: one run with one seed."""

    def run_ids(self, _edition, _writeup=None):
        return [(RUN.writeup, RUN.run, 0)]

    def run(self, *_):
        return replace(SETTINGS, capture=CaptureSettings())


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """An edition with one trained and measured run."""
    plan = Plan(Catalogue(), "full", tmp_path_factory.mktemp("trained") / "full")
    write_tiny_dataset(plan.results)
    for step in ("train", "evaluate"):
        step_here(step, SETTINGS, plan.results, "--device", "cpu")
    return plan


def step_here(step, settings, results, *options):
    """Run a step in this process, which has imported torch."""
    assert main([step, "--settings", settings.to_json(), "--results", str(results), *options]) == 0


@pytest.fixture
def again(plan, tmp_path):
    return lambda sources=(plan.results,): retrain(plan, SETTINGS.id, 0, sources, tmp_path)


@pytest.fixture
def here(monkeypatch):
    monkeypatch.setattr(retraining, "_step", step_here)


@pytest.fixture
def forge(plan):
    """Return a function that alters a record of the run until the test ends."""
    folder = paths.run_dir(plan.results, RUN.writeup, RUN.run, 0)
    before = {name: (folder / name).read_bytes() for name in ("provenance.json", "metrics.json")}

    def change(name, alter):
        content = json.loads(before[name])
        content.pop("record_sha256")
        alter(content)
        write_record(folder / name, content)

    yield change
    for name, content in before.items():
        (folder / name).write_bytes(content)


def test_the_same_settings_give_the_same_bytes(again):
    done = again()
    assert (done.said, done.wrong) == ("the same bytes of weights, history and predictions", False)


@pytest.mark.usefixtures("here")
def test_what_differs_is_named(again, forge):
    forge("provenance.json", lambda record: record["outputs"].update({"weights.safetensors": "0" * 64}))
    forge("metrics.json", lambda record: record["metrics"]["test_accuracy"].update(value=2))
    done = again()
    assert done.wrong
    assert done.said.startswith("differs in weights.safetensors, test_accuracy 0.")
    assert done.said.endswith("(recorded 2)")


@pytest.mark.usefixtures("here")
def test_other_circumstances_are_told_with_the_outcome(again, forge):
    def older(record):
        record["code"] = "0" * 64
        record["environment"]["cpu"] = "Another"
        record["outputs"]["history.csv"] = "0" * 64

    forge("provenance.json", older)
    done = again()
    assert not done.wrong
    assert done.said == (
        "cannot be compared, because the code is another and it was trained on Another; trained again, differs in "
        "history.csv"
    )


def test_a_run_without_its_data_is_one_clear_line(again, plan, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("published")
    info = paths.dataset_dir(elsewhere, "tiny") / "dataset.json"
    info.parent.mkdir(parents=True)
    info.write_bytes((paths.dataset_dir(plan.results, "tiny") / "dataset.json").read_bytes())
    done = again((elsewhere,))
    assert done.said == "cannot be trained again: data/tiny/dataset.json and the files that belong to it are not there"
    assert not done.wrong


def test_other_data_than_it_was_trained_on_are_not_taken(again, forge):
    forge("provenance.json", lambda record: record["inputs"].update({"data/tiny/dataset.json": "0" * 64}))
    assert again().said.endswith("data/tiny/dataset.json is not what it was trained on")


def test_a_step_that_fails_is_quoted(again, forge):
    forge("provenance.json", lambda record: record["settings"].update(loss="none at all"))
    done = again()
    assert done.said.startswith("cannot be trained again: the step train failed: ")
    assert "\n" not in done.said


def test_settings_that_no_code_knows_are_named(again, forge):
    forge("provenance.json", lambda record: record["settings"].update(unknown=1))
    assert "unknown key 'unknown'" in again().said


def test_a_name_chooses_the_same_runs(monkeypatch, plan):
    runs = [("a/b", seed) for seed in range(20)]
    monkeypatch.setattr(Plan, "runs", lambda *_: runs)
    folder = paths.run_dir(plan.results, RUN.writeup, RUN.run, 0)
    monkeypatch.setattr(paths, "run_dir", lambda *_: folder)
    chosen = chosen_runs(plan, 5, "verify")
    assert chosen == chosen_runs(plan, 5, "verify") == sorted(set(chosen))
    assert len(chosen) == 5
    assert chosen != chosen_runs(plan, 5, "another name")
    assert chosen_runs(plan, 50, "verify") == runs
