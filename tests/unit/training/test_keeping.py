"""The epoch whose weights a training keeps: chosen by the history, through crashes and in the records."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from crashing_trainings import CPU, CrashError, CrashingCheckpoint
from rework.datasets.store import open_dataset
from rework.models.trained import load_trained
from rework.paths import run_dir
from rework.settings.run import KeepSettings, OptimiserSettings
from rework.training.checkpoint import CheckpointFile
from rework.training.keeping import BestEpoch
from rework.training.loop import Training
from rework.training.progress import Progress
from rework.training.tasks.task import load_task
from tiny_runs import a_run, read_json, run_step, write_tiny_dataset

STEPS = 13
LOWEST = KeepSettings("validation_loss", "lowest")
# A rate so high that the loss goes up and down.
RESTLESS = a_run(optimiser=OptimiserSettings("sgd", 0.6), epochs=5, keep=LOWEST)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    write_tiny_dataset(folder)
    return folder


@pytest.fixture(scope="module")
def dataset(results):
    return open_dataset(results / "data/tiny")


def train(settings, dataset, checkpoint, seconds=60.0):
    """Train, from the checkpoint if there is one."""
    training = Training(settings, dataset, CPU)
    state = checkpoint.load(print)
    if state is not None:
        training.restore(state)
    training.run(checkpoint, Progress("test", settings.epochs, training.total_steps, 0, io.StringIO()), seconds)
    return training


def bytes_of(weights):
    return {name: tensor.numpy().tobytes() for name, tensor in weights.items()}


def best_epoch(training):
    losses = [row["validation_loss"] for row in training.history]
    return losses.index(min(losses)) + 1


@pytest.mark.parametrize(
    ("best", "values", "kept"), [("lowest", [3, 1, 2, 1], 2), ("highest", [3, 1, 4, 4], 3), ("highest", [-1], 1)]
)
def test_the_first_of_the_best_epochs_is_kept(best, values, kept):
    model = torch.nn.Linear(1, 1, bias=False)
    keeper = BestEpoch(KeepSettings("measure", best))
    for epoch, value in enumerate(values, start=1):
        torch.nn.init.constant_(model.weight, epoch)
        keeper.offer({"epoch": epoch, "measure": float(value)}, model)
    assert keeper.epoch == kept
    assert float(keeper.weights["weight"]) == kept, "a copy, which later epochs do not change"


def test_the_kept_weights_are_those_of_a_training_that_ends_there(tmp_path, dataset):
    whole = train(RESTLESS, dataset, CheckpointFile(tmp_path / "whole.pt", ""))
    assert whole.kept_epoch == best_epoch(whole) < RESTLESS.epochs, "the last epoch would show nothing"
    shorter = train(replace(RESTLESS, epochs=whole.kept_epoch, keep=None), dataset, CheckpointFile(tmp_path / "c", ""))
    assert shorter.kept_epoch == whole.kept_epoch
    assert bytes_of(shorter.kept_weights()) == bytes_of(whole.kept_weights())
    assert bytes_of(whole.kept_weights()) != bytes_of(whole.model.state_dict())


# After a step of the first epoch, and at the ends of several epochs: before, at and after the best one.
@pytest.mark.parametrize("saves", [2, *(end * (STEPS + 1) for end in (1, 2, 3, 4))])
def test_a_crashed_training_keeps_the_same_weights(tmp_path, dataset, saves):
    expected = train(RESTLESS, dataset, CheckpointFile(tmp_path / "whole.pt", ""))
    with pytest.raises(CrashError):
        train(RESTLESS, dataset, CrashingCheckpoint(tmp_path / "c.pt", "", saves), seconds=0)
    resumed = train(RESTLESS, dataset, CheckpointFile(tmp_path / "c.pt", ""))
    assert resumed.resumed == 1
    assert resumed.history == expected.history
    assert resumed.kept_epoch == expected.kept_epoch
    assert bytes_of(resumed.kept_weights()) == bytes_of(expected.kept_weights())


def test_the_steps_store_and_measure_the_kept_weights(results, dataset):
    for step in ("train", "evaluate"):
        done = run_step(step, RESTLESS, results)
        assert done.returncode == 0, done.stderr
    folder = run_dir(results, "tests", "cnn", 0)
    provenance, metrics = read_json(folder / "provenance.json"), read_json(folder / "metrics.json")
    assert metrics["kept_epoch"] == provenance["kept_epoch"]
    rows = np.genfromtxt(folder / "history.csv", delimiter=",", names=True)
    assert provenance["kept_epoch"] == rows["validation_loss"].argmin() + 1
    assert metrics["metrics"]["validation_loss"]["value"] == pytest.approx(rows["validation_loss"].min(), rel=1e-6)
    model = load_trained(RESTLESS, folder / "weights.safetensors")
    task = load_task(RESTLESS, dataset, model)
    task.load(CPU, False, "evaluation")
    assert task.evaluate().metrics["test_loss"][0] == pytest.approx(metrics["metrics"]["test_loss"]["value"])


def test_a_training_that_keeps_its_last_weights_says_so_too(tmp_path, dataset):
    training = train(a_run(), dataset, CheckpointFile(tmp_path / "c.pt", ""))
    assert training.kept_epoch == 2
    assert bytes_of(training.kept_weights()) == bytes_of(training.model.state_dict())
