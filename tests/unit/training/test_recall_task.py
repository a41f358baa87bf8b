"""The task of naming a marked symbol: its sequences, its batches, and what is measured at each distance."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from rework.datasets.store import open_dataset
from rework.errors import ConfigError
from rework.settings.run import ClipSettings, DataSettings, ModelSettings, OptimiserSettings, TaskSettings
from rework.training.loop import Training
from rework.training.tasks.task import load_task
from tiny_runs import a_run, train
from tiny_sequences import write_tiny_sequences

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return open_dataset(write_tiny_sequences(tmp_path_factory.mktemp("results")))


def a_recall_run(cell="lstm", **changes):
    settings = a_run(
        data=DataSettings("recall"),
        task=TaskSettings("recall"),
        model=ModelSettings("recall-network", {"cell": cell, "hidden": 8}),
        loss="cross-entropy",
        optimiser=OptimiserSettings("adam", 0.01, clip=ClipSettings(norm=1)),
        batch_size=10,
    )
    return replace(settings, **changes)


def test_each_sequence_is_in_an_epoch_once(dataset):
    task = Training(a_recall_run(), dataset, CPU).task
    first, second = (list(task.batches(epoch, 0)) for epoch in (0, 1))
    assert task.steps_per_epoch == len(first) == 5
    rows = sorted(tuple(row) for batch in first for row in batch.arguments[0].tolist())
    assert rows == sorted(tuple(row) for row in dataset.splits["train"].inputs.tolist())
    assert not all(torch.equal(a.targets, b.targets) for a, b in zip(first, second, strict=True))
    resumed = list(task.batches(0, 2))
    assert all(torch.equal(a.targets, b.targets) for a, b in zip(first[2:], resumed, strict=True))


def test_right_answers_are_counted_at_each_distance(dataset):
    settings = a_recall_run()
    model = Training(settings, dataset, CPU).model.eval()
    task = load_task(settings, dataset, model)
    task.load(CPU, False, "evaluation")
    found = task.evaluate()
    split = dataset.splits["test"]
    right = np.zeros(6, np.int64)
    with torch.no_grad():
        for sequence, target, distance in zip(split.inputs, split.targets, split.arrays["distances"], strict=True):
            right[distance - 1] += int(model(torch.tensor(sequence)[None]).argmax()) == target
    np.testing.assert_array_equal(found.arrays["right"], right)
    np.testing.assert_array_equal(found.arrays["shown"], np.full(6, 5))
    assert found.metrics["test_accuracy"] == (right.sum() / 30, 30)
    reached = next((k for k in range(6) if right[k] < 2.5), 6)
    assert found.metrics["test_reach"] == (reached, 30)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "peephole"])
def test_every_cell_learns_and_two_trainings_are_equal(tmp_path, dataset, cell):
    settings = a_recall_run(cell, epochs=6)
    first, second = (train(settings, dataset, tmp_path) for _ in range(2))
    assert first.history == second.history
    assert first.history[-1]["train_loss"] < first.history[0]["train_loss"]


def test_what_does_not_fit_is_refused(dataset):
    for model, message in (
        (
            ModelSettings("recall-network", {"cell": "rnn", "vocabulary": 3}),
            "knows 3 symbols, but data set recall has 4",
        ),
        (ModelSettings("char-lstm"), "reads no symbols"),
    ):
        with pytest.raises(ConfigError, match=message):
            Training(a_recall_run(model=model), dataset, CPU)
