"""Batches: every example once an epoch, and the same ones after a resume."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rework.datasets.store import open_dataset
from rework.errors import DataError
from rework.settings.run import DataSettings
from rework.training import batches as module
from rework.training.batches import Split, batches, epoch_order, load_split, step_count
from tiny_runs import a_run, write_tiny_dataset

CPU = torch.device("cpu")


def numbered_split(examples):
    """Return a split whose targets number its examples and whose inputs repeat that number in each pixel."""
    targets = torch.arange(examples)
    inputs = targets.to(torch.uint8).view(-1, 1, 1, 1).expand(-1, 1, 2, 2)
    return Split(inputs, targets, mean=None, std=None, channels_last=False)


@given(examples=st.integers(1, 90), batch_size=st.integers(1, 100), at_once=st.integers(1, 40), epoch=st.integers(0, 9))
def test_an_epoch_visits_every_example_once(examples, batch_size, at_once, epoch):
    split, order = numbered_split(examples), epoch_order(a_run(), epoch, examples)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "EXAMPLES_AT_ONCE", at_once)
        parts = list(batches(split, order, batch_size))
    sizes = [len(batch.targets) for batch in parts]
    assert len(parts) == step_count(examples, batch_size)
    assert sizes[:-1] == [batch_size] * (len(parts) - 1)
    assert 1 <= sizes[-1] <= batch_size
    visited = torch.cat([batch.targets for batch in parts])
    assert sorted(visited.tolist()) == list(range(examples))
    assert visited.tolist() == order.tolist()
    for batch in parts:
        assert torch.equal(batch.arguments[0][:, 0, 0, 0], batch.targets.float() / 255), (
            "inputs and targets belong together"
        )


@given(examples=st.integers(1, 90), batch_size=st.integers(1, 20), at_once=st.integers(1, 40), data=st.data())
def test_a_resumed_epoch_goes_on_with_the_same_batches(examples, batch_size, at_once, data):
    split, order = numbered_split(examples), epoch_order(a_run(), 0, examples)
    first = data.draw(st.integers(0, step_count(examples, batch_size)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "EXAMPLES_AT_ONCE", at_once)
        whole = [batch.targets.tolist() for batch in batches(split, order, batch_size)]
        resumed = [batch.targets.tolist() for batch in batches(split, order, batch_size, first)]
    assert resumed == whole[first:]


def test_the_order_depends_on_run_seed_and_epoch_and_on_nothing_else():
    orders = [
        epoch_order(settings, epoch, 50).tolist()
        for settings, epoch in ((a_run(), 0), (a_run(), 1), (a_run(seed=1), 0), (a_run(run="x"), 0))
    ]
    assert len({tuple(order) for order in orders}) == 4
    torch.rand(3)
    assert epoch_order(a_run(), 0, 50).tolist() == orders[0]


@pytest.mark.parametrize("normalise", ["unit", "half", "centred", "standard"])
def test_inputs_are_scaled_as_numpy_does(tmp_path, normalise):
    dataset = open_dataset(write_tiny_dataset(tmp_path, examples=20, channels=3))
    split = load_split(dataset, DataSettings("tiny", normalise), CPU, False, "train")
    inputs, targets = split.take(torch.tensor([4, 2]))
    expected = dataset.splits["train"].inputs[[4, 2]].astype(np.float64) / 255
    if normalise == "standard":
        expected = (expected - np.reshape(dataset.mean, (3, 1, 1))) / np.reshape(dataset.std, (3, 1, 1))
        everything, _ = split.take(slice(None))
        assert everything.mean().abs() < 1e-5
        assert everything.std(correction=0) == pytest.approx(1, abs=1e-5)
    if normalise == "half":
        expected = expected * 2 - 1
    if normalise == "centred":
        expected = expected - 0.5
    np.testing.assert_allclose(inputs.numpy(), expected, atol=1e-6)
    assert targets.tolist() == dataset.splits["train"].targets[[4, 2]].tolist()


def test_channels_last_changes_the_layout_and_no_value(tmp_path):
    dataset = open_dataset(write_tiny_dataset(tmp_path, examples=20, channels=3))
    first, _ = load_split(dataset, DataSettings("tiny"), CPU, False, "train").take(slice(0, 5))
    last, _ = load_split(dataset, DataSettings("tiny"), CPU, True, "train").take(slice(0, 5))
    assert torch.equal(first, last)
    assert last.stride() == (3 * 28 * 28, 1, 3 * 28, 3)


def test_a_changed_array_is_refused(tmp_path):
    directory = write_tiny_dataset(tmp_path, examples=20)
    path = directory / "train_inputs.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"train_inputs\.npy: its SHA-256 is not the one in dataset\.json"):
        load_split(open_dataset(directory), DataSettings("tiny"), CPU, False, "train")
