"""The task of sentiment: what a batch is, what is carried on, what is measured, and that a killed training goes on."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from rework.datasets.store import open_dataset
from rework.errors import ConfigError
from rework.settings.run import ClipSettings, DataSettings, ModelSettings, OptimiserSettings, TaskSettings
from rework.training.checkpoint import CheckpointFile
from rework.training.loop import Training
from rework.training.progress import Progress
from rework.training.tasks.task import load_task
from tiny_reviews import write_tiny_reviews
from tiny_runs import StoppingCheckpoint, a_run, train

CPU = torch.device("cpu")
SMALL = {"words": 100, "length": 12, "embedding": 6, "hidden": 5, "layers": 2}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return open_dataset(write_tiny_reviews(tmp_path_factory.mktemp("results")))


def a_sentiment_run(carry=True, **changes):
    settings = a_run(
        data=DataSettings("reviews"),
        task=TaskSettings("sentiment", {"carry": carry}),
        model=ModelSettings("sentiment-lstm", SMALL),
        loss="binary-cross-entropy",
        optimiser=OptimiserSettings("adam", 0.01, clip=ClipSettings(norm=5)),
        batch_size=10,
    )
    return replace(settings, **changes)


def plain_log_odds(model, texts, states=None):
    """Return the log odds and the states after some texts, from torch's cells one word at a time, without dropout."""
    cells = []
    for layer in range(2):
        cell = torch.nn.LSTMCell(model.lstm.input_size if layer == 0 else 5, 5)
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            getattr(cell, name).data = getattr(model.lstm, f"{name}_l{layer}").data
        cells.append(cell)
    states = states or [(torch.zeros(len(texts), 5), torch.zeros(len(texts), 5)) for _ in cells]
    for word in texts.T:
        read = model.embedding.weight[word.long()]
        for layer, cell in enumerate(cells):
            states[layer] = cell(read, states[layer])
            read = states[layer][0]
    return read @ model.output.weight[0] + model.output.bias, states


@pytest.mark.parametrize("carry", [True, False])
def test_measures_are_those_of_a_plain_computation(dataset, carry):
    """In the reading order, batches of four and a last one of fewer, with the states of the batch before."""
    settings = a_sentiment_run(carry, batch_size=4)
    training = Training(settings, dataset, CPU)
    model = training.model.eval()
    task = load_task(settings, dataset, model)
    task.load(CPU, False, "evaluation")
    found = task.evaluate()
    with torch.no_grad():
        for split in ("validation", "test"):
            texts = torch.from_numpy(np.array(dataset.splits[split].inputs))
            targets = torch.from_numpy(np.array(dataset.splits[split].targets)).double()
            joined, states = torch.zeros(len(texts), dtype=torch.double), None
            for rows in torch.split(task.reading_order(split), 4):
                piece = texts[rows]
                kept = states and [(hidden[: len(piece)], cell[: len(piece)]) for hidden, cell in states]
                values, states = plain_log_odds(model, piece, kept if carry else None)
                joined[rows] = values.double()
            assert found.metrics[f"{split}_loss"][0] == pytest.approx(
                float(F.binary_cross_entropy(joined.sigmoid(), targets)), rel=1e-5
            )
            assert found.metrics[f"{split}_accuracy"] == (float(((joined > 0) == (targets == 1)).double().mean()), 6)
            if split == "test":
                np.testing.assert_allclose(found.arrays["log_odds"], joined, rtol=1e-4, atol=1e-6)
                alone, _ = plain_log_odds(model, texts)
                np.testing.assert_allclose(found.arrays["log_odds_alone"], alone, rtol=1e-4, atol=1e-6)


def test_a_measurement_is_read_in_an_order_that_does_not_tell_the_classes(dataset):
    """Stored, the classes alternate, so that a state of a batch before would come from a text of the same class."""
    settings = a_sentiment_run()
    task = load_task(settings, dataset, Training(settings, dataset, CPU).model)
    task.load(CPU, False, "training")
    order = task.reading_order("train")
    assert sorted(order.tolist()) == list(range(48))
    assert torch.equal(order, task.reading_order("train"))
    targets = np.asarray(dataset.splits["train"].targets)
    same = {name: (found[10:] == found[:-10]).mean() for name, found in (("stored", targets), ("read", targets[order]))}
    assert same["stored"] == 1
    assert 0.2 < same["read"] < 0.8


def test_each_review_is_in_an_epoch_once_and_orders_differ(dataset):
    task = Training(a_sentiment_run(), dataset, CPU).task
    first, second = (list(task.batches(epoch, 0)) for epoch in (0, 1))
    assert task.steps_per_epoch == len(first) == 5
    rows = sorted(tuple(row) for batch in first for row in batch.arguments[0].tolist())
    assert rows == sorted(tuple(row) for row in dataset.splits["train"].inputs.tolist())
    assert not all(torch.equal(a.arguments[0], b.arguments[0]) for a, b in zip(first, second, strict=True))
    resumed = list(task.batches(0, 2))
    assert all(torch.equal(a.targets, b.targets) for a, b in zip(first[2:], resumed, strict=True))


@pytest.mark.parametrize("carry", [True, False])
def test_states_are_carried_within_an_epoch_only(dataset, carry):
    task = Training(a_sentiment_run(carry), dataset, CPU).task
    batches = task.batches(0, 0)
    _, hidden, cell = next(batches).arguments
    assert not hidden.any()
    assert not cell.any()
    left = torch.arange(100.0).reshape(2, 10, 5)
    task.carry((torch.zeros(10), left.bfloat16(), -left))
    _, hidden, cell = next(batches).arguments
    assert torch.equal(hidden, left.bfloat16().float() if carry else torch.zeros_like(left))
    assert torch.equal(cell, -left if carry else torch.zeros_like(left))
    assert not next(task.batches(1, 0)).arguments[1].any()


def test_the_loss_is_that_of_the_course(dataset):
    """A sigmoid and the cross-entropy of its result."""
    training = Training(a_sentiment_run(), dataset, CPU)
    batch = next(training.task.batches(0, 0))
    odds = torch.linspace(-3, 3, 10)
    expected = torch.nn.BCELoss()(odds.sigmoid(), batch.targets)
    torch.testing.assert_close(training.task.loss((odds,), batch), expected)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_killed_training_ends_with_the_same_weights(tmp_path, dataset, precision):
    settings = a_sentiment_run(precision=precision)
    whole = train(settings, dataset, tmp_path)
    first = Training(settings, dataset, CPU)
    checkpoint = StoppingCheckpoint(tmp_path / "stopped.pt", "")
    progress = Progress("test", settings.epochs, first.total_steps, 0, io.StringIO())
    with pytest.raises(InterruptedError):
        first.run(checkpoint, progress, checkpoint_seconds=0)
    second = Training(settings, dataset, CPU)
    second.restore(CheckpointFile(tmp_path / "stopped.pt", "").load(lambda _: None))
    assert 0 < second.record.steps < 5, "stopped within an epoch"
    second.run(CheckpointFile(tmp_path / "d.pt", ""), progress)
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(tensor, second.model.state_dict()[name]), name
    assert whole.history == second.history


def test_what_does_not_fit_is_refused(dataset):
    for parameters, message in (
        ({**SMALL, "length": 11}, "reads 11 words, but the texts of data set reviews have 12"),
        ({**SMALL, "words": 20}, "knows 20 words, but data set reviews has"),
    ):
        with pytest.raises(ConfigError, match=message):
            Training(a_sentiment_run(model=ModelSettings("sentiment-lstm", parameters)), dataset, CPU)
    with pytest.raises(ConfigError, match="reads no texts"):
        Training(a_sentiment_run(model=ModelSettings("caption-lstm", {"vocabulary": 9})), dataset, CPU)
