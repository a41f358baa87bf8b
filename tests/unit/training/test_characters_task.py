"""The language model of characters: how a text is cut, what is carried on, what is measured, and that it resumes."""

import io
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from rework.datasets.store import open_dataset
from rework.errors import ConfigError
from rework.settings.run import ClipSettings, DataSettings, ModelSettings, OptimiserSettings, TaskSettings
from rework.training.checkpoint import CheckpointFile
from rework.training.loop import Training
from rework.training.progress import Progress
from rework.training.tasks.characters import text_rows
from rework.training.tasks.task import load_task
from tiny_runs import StoppingCheckpoint, a_run, train
from tiny_sequences import write_tiny_text

CPU = torch.device("cpu")
ROWS, STEPS = 4, 9


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return open_dataset(write_tiny_text(tmp_path_factory.mktemp("results")))


def a_language_run(**changes):
    settings = a_run(
        data=DataSettings("anna-karenina"),
        task=TaskSettings("characters", {"steps": STEPS}),
        model=ModelSettings("char-lstm", {"hidden": 6, "layers": 2}),
        loss="cross-entropy",
        optimiser=OptimiserSettings("adam", 0.01, clip=ClipSettings(norm=5)),
        batch_size=ROWS,
    )
    return replace(settings, **changes)


@pytest.mark.parametrize("length", [73, 100, 108, 109])
def test_rows_are_consecutive_pieces_and_targets_the_next_characters(length):
    """By brute force: character k of row r is number r * (length of a row) + k of the text."""
    text = torch.arange(length) * 7
    characters, targets = text_rows(text, ROWS, STEPS)
    row_length = max(n for n in range(STEPS, length, STEPS) if ROWS * n < length)
    assert characters.shape == targets.shape == (ROWS, row_length)
    for row in range(ROWS):
        for place in range(row_length):
            assert characters[row, place] == text[row * row_length + place]
            assert targets[row, place] == text[row * row_length + place + 1]


def test_an_epoch_reads_each_row_from_left_to_right(dataset):
    task = Training(a_language_run(), dataset, CPU).task
    batches = list(task.batches(0, 0))
    assert len(batches) == task.steps_per_epoch
    text = torch.from_numpy(np.array(dataset.splits["train"].targets))
    rows = torch.cat([batch.arguments[0] for batch in batches], dim=1)
    assert torch.equal(rows.flatten(), text[: rows.numel()])
    assert torch.equal(torch.cat([batch.targets for batch in batches], dim=1).flatten(), text[1 : rows.numel() + 1])
    resumed = list(task.batches(0, 2))
    assert all(torch.equal(a.targets, b.targets) for a, b in zip(batches[2:], resumed, strict=True))


def test_states_are_carried_within_an_epoch_only(dataset):
    task = Training(a_language_run(), dataset, CPU).task
    batches = task.batches(0, 0)
    _, hidden, cell = next(batches).arguments
    assert not hidden.any()
    assert not cell.any()
    left = torch.arange(2.0 * ROWS * 6).reshape(2, ROWS, 6)
    task.carry((torch.zeros(1), left.bfloat16(), -left))
    _, hidden, cell = next(batches).arguments
    assert torch.equal(hidden, left.bfloat16().float())
    assert torch.equal(cell, -left)
    assert not next(task.batches(1, 0)).arguments[1].any()


def test_measures_are_those_of_a_plain_computation(dataset):
    """Each row of the validation split from a state of zeros to its end, as one sequence."""
    settings = a_language_run()
    model = Training(settings, dataset, CPU).model.eval()
    task = load_task(settings, dataset, model)
    task.load(CPU, False, "evaluation")
    metrics = task.evaluate().metrics
    text = torch.from_numpy(np.array(dataset.splits["validation"].targets))
    characters, targets = text_rows(text, ROWS, STEPS)
    with torch.no_grad():
        logits, *_ = model(characters, *model.start(ROWS))
    chosen = logits.double().log_softmax(dim=2).gather(2, targets.unsqueeze(2))
    loss = -float(chosen.mean())
    assert metrics["validation_loss"] == (pytest.approx(loss, rel=1e-6), targets.numel())
    assert metrics["validation_perplexity"][0] == pytest.approx(math.exp(loss), rel=1e-6)
    assert metrics["validation_accuracy"][0] == float((logits.argmax(dim=2) == targets).double().mean())


def test_an_update_is_one_of_adam_after_the_gradients_are_shortened_together(tmp_path, dataset):
    """As in the course: clip_grad_norm_ over all parameters, then Adam; here with a limit that is reached."""
    limit = 0.01
    model = ModelSettings("char-lstm", {"hidden": 6, "layers": 1, "dropout": 0})
    settings = a_language_run(model=model, optimiser=OptimiserSettings("adam", 0.01, clip=ClipSettings(norm=limit)))
    expected = Training(settings, dataset, CPU)
    batch = next(expected.task.batches(0, 0))
    loss = torch.nn.functional.cross_entropy(expected.model(*batch.arguments)[0].flatten(0, 1), batch.targets.flatten())
    loss.backward()
    gradients = [parameter.grad for parameter in expected.model.parameters()]
    length = math.sqrt(sum(float(gradient.double().square().sum()) for gradient in gradients))
    assert length > limit
    first = torch.optim.Adam(expected.model.parameters(), 0.01)
    for gradient in gradients:
        gradient.mul_(limit / (length + 1e-6))
    first.step()
    done = train(replace(settings, max_steps=1), dataset, tmp_path)
    for name, tensor in expected.model.state_dict().items():
        torch.testing.assert_close(done.model.state_dict()[name], tensor, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_killed_training_ends_with_the_same_weights(tmp_path, dataset, precision):
    settings = a_language_run(precision=precision)
    whole = train(settings, dataset, tmp_path)
    first = Training(settings, dataset, CPU)
    progress = Progress("test", settings.epochs, first.total_steps, 0, io.StringIO())
    with pytest.raises(InterruptedError):
        first.run(StoppingCheckpoint(tmp_path / "stopped.pt", ""), progress, checkpoint_seconds=0)
    second = Training(settings, dataset, CPU)
    second.restore(CheckpointFile(tmp_path / "stopped.pt", "").load(lambda _: None))
    assert 0 < second.record.steps < second.task.steps_per_epoch, "stopped within an epoch"
    second.run(CheckpointFile(tmp_path / "d.pt", ""), progress)
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(tensor, second.model.state_dict()[name]), name
    assert whole.history == second.history
    assert whole.history[-1]["train_perplexity"] == math.exp(whole.history[-1]["train_loss"])


def test_what_does_not_fit_is_refused(dataset):
    for changes, message in (
        (
            {"model": ModelSettings("char-lstm", {"vocabulary": 5})},
            "knows 5 characters, but data set anna-karenina has",
        ),
        ({"model": ModelSettings("recall-network", {"cell": "rnn"})}, "reads no characters"),
        ({"batch_size": 500}, "not enough for a batch of 500 rows of 9"),
    ):
        with pytest.raises(ConfigError, match=message):
            Training(a_language_run(**changes), dataset, CPU)
