"""The L2 term against autograd, augmentation against torchvision, and accuracies measured during a training."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from rework.datasets.store import open_dataset
from rework.models import fashion_cnn, feedforward
from rework.settings.run import (
    AugmentSettings,
    DataSettings,
    L2Settings,
    ModelSettings,
    OptimiserSettings,
    ProbeSettings,
)
from rework.training.augmentation import draw_changes, greyscale
from rework.training.batches import batches, epoch_changes, epoch_order, load_split
from rework.training.checkpoint import CheckpointFile
from rework.training.loop import Training
from rework.training.optimisers import build_optimiser
from rework.training.progress import Progress
from rework.training.regularisation import l2_loss, parameter_groups
from tiny_runs import StoppingCheckpoint, a_run, write_tiny_dataset
from torchvision.transforms import v2
from torchvision.transforms.functional import to_grayscale

CPU = torch.device("cpu")
MLP = {"model": ModelSettings("feedforward"), "loss": "cross-entropy"}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return open_dataset(write_tiny_dataset(tmp_path_factory.mktemp("results")))


@pytest.fixture(scope="module")
def colours(tmp_path_factory):
    return open_dataset(write_tiny_dataset(tmp_path_factory.mktemp("colours"), channels=3))


def train(settings, dataset, path):
    training = Training(settings, dataset, CPU)
    progress = Progress("test", settings.epochs, training.total_steps, 0, io.StringIO())
    training.run(CheckpointFile(path / "c.pt", ""), progress)
    return training


@pytest.mark.parametrize("name", ["sgd", "adam"])
@pytest.mark.parametrize("biases", [False, True])
def test_the_l2_term_is_the_one_written_into_the_loss(name, biases):
    l2 = L2Settings(0.05, biases)
    settings = OptimiserSettings(name, 0.01, {"momentum": 0.9} if name == "sgd" else {})
    torch.manual_seed(0)
    models = [feedforward.build(inputs=(1, 4, 4), hidden=(7,)) for _ in range(2)]
    models[1].load_state_dict(models[0].state_dict())
    inputs, targets = torch.randn(12, 1, 4, 4), torch.arange(12) % 10
    ours = build_optimiser(parameter_groups(models[0], l2), settings, CPU)
    theirs = build_optimiser(models[1].parameters(), settings, CPU)
    for _ in range(5):
        torch.nn.functional.cross_entropy(models[0](inputs), targets).backward()
        term = sum(p.square().sum() for p in models[1].parameters() if biases or p.ndim > 1) * 0.05 / 2
        (torch.nn.functional.cross_entropy(models[1](inputs), targets) + term).backward()
        for optimiser in (ours, theirs):
            optimiser.step()
            optimiser.zero_grad()
    for first, second in zip(models[0].parameters(), models[1].parameters(), strict=True):
        torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-6)
    expected = sum(float(p.detach().square().sum()) for p in models[0].parameters() if biases or p.ndim > 1) * 0.05 / 2
    assert l2_loss(models[0], l2) == pytest.approx(expected, rel=1e-5)


def test_without_l2_all_parameters_are_in_one_group():
    groups = parameter_groups(fashion_cnn.build(), L2Settings())
    assert [sorted(group) for group in groups] == [["params"]]
    assert l2_loss(fashion_cnn.build(), L2Settings()) == 0


def test_l2_shrinks_the_weights_of_a_training(tmp_path, dataset):
    plain, shrunk = (
        train(a_run(**MLP, l2=l2, epochs=3), dataset, tmp_path / str(l2.strength))
        for l2 in (L2Settings(), L2Settings(0.1))
    )
    norms = [sum(float(p.detach().square().sum()) for p in training.model.parameters()) for training in (plain, shrunk)]
    assert norms[1] < 0.7 * norms[0]
    assert plain.history[-1]["l2_loss"] == 0
    assert shrunk.history[-1]["l2_loss"] > 0


def test_greyscale_is_pillows():
    images = torch.randint(0, 256, (5, 3, 9, 7), dtype=torch.uint8)
    for image, grey in zip(images, greyscale(images), strict=True):
        expected = to_grayscale(Image.fromarray(image.permute(1, 2, 0).numpy()), num_output_channels=3)
        assert np.array_equal(grey.permute(1, 2, 0).numpy(), np.asarray(expected))


def test_changes_are_those_of_torchvision_in_distribution():
    settings, count = AugmentSettings(flip=0.5, greyscale=0.1), 20_000
    image = torch.randint(0, 256, (3, 4, 4), dtype=torch.uint8)
    changes = draw_changes(settings, count, 1, CPU)
    ours = changes.apply(image.expand(count, -1, -1, -1), 0)
    transform = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomGrayscale()])
    picture = Image.fromarray(image.permute(1, 2, 0).numpy())
    torch.manual_seed(0)
    theirs = [np.asarray(transform(picture)).transpose(2, 0, 1).tobytes() for _ in range(count // 10)]
    found, counts = np.unique([one.contiguous().numpy().tobytes() for one in ours], return_counts=True)
    expected, expected_counts = np.unique(theirs, return_counts=True)
    assert set(found) == set(expected)
    assert len(found) == 4, "as it is, mirrored, grey, and both"
    # Four shares, each within five standard deviations of the smaller sample.
    assert counts / count == pytest.approx(expected_counts / len(theirs), abs=5 * (0.25 / len(theirs)) ** 0.5)


def test_nothing_to_change_costs_nothing(dataset):
    assert draw_changes(AugmentSettings(), 10, 1, CPU) is None
    assert epoch_changes(a_run(), 0, load_split(dataset, DataSettings("tiny"), CPU, False, "train")) is None


def test_a_resumed_epoch_changes_the_same_images_and_another_epoch_others(colours):
    data = DataSettings("tiny", augment=AugmentSettings(0.5, 0.3))
    settings = a_run(data=data)
    split = load_split(colours, data, CPU, False, "train")
    order = epoch_order(settings, 0, len(split))
    whole = [batch.arguments[0] for batch in batches(split, order, 8, 0, epoch_changes(settings, 0, split))]
    resumed = [batch.arguments[0] for batch in batches(split, order, 8, 5, epoch_changes(settings, 0, split))]
    other = [batch.arguments[0] for batch in batches(split, order, 8, 5, epoch_changes(settings, 1, split))]
    plain = [batch.arguments[0] for batch in batches(split, order, 8, 5)]
    assert all(torch.equal(a, b) for a, b in zip(resumed, whole[5:], strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(resumed, other, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(resumed, plain, strict=True))


def test_probes_measure_without_changing_the_training(tmp_path, dataset):
    settings = a_run(epochs=2)
    plain = train(settings, dataset, tmp_path / "plain")
    probed = train(a_run(epochs=2, probe=ProbeSettings(every=5, examples=20)), dataset, tmp_path / "probed")
    for name, tensor in plain.model.state_dict().items():
        assert torch.equal(tensor, probed.model.state_dict()[name]), name
    assert [probe["steps"] for probe in probed.probes] == [5, 10, 15, 20, 25]
    assert all(round(20 * probe["test_accuracy"], 6).is_integer() for probe in probed.probes)
    assert len({probe["train_accuracy"] for probe in probed.probes}) > 1
    assert plain.probes == []
    assert [result["test_accuracy"] for result in plain.history] == [None, None]
    test = load_split(dataset, DataSettings("tiny"), CPU, False, "test")
    with torch.no_grad():
        right = probed.model.eval()(test.take(slice(None))[0]).argmax(1) == test.targets
    assert probed.history[-1]["test_accuracy"] == float(right.double().mean())


def test_a_probe_counts_the_pictures_as_they_were_met(tmp_path, dataset):
    """Probed after each step, every batch counts once; after every fifth, five do, or the epoch's first ones."""
    settings = a_run(epochs=2, probe=ProbeSettings(every=1, examples=1))
    each = [probe["met_accuracy"] for probe in train(settings, dataset, tmp_path / "each").probes]
    examples, size = len(dataset.splits["train"].targets), settings.batch_size
    sizes = [min(size, examples - start) for start in range(0, examples, size)] * 2
    right = np.array(each) * sizes
    assert right == pytest.approx(np.rint(right))
    found = train(replace(settings, probe=ProbeSettings(every=5, examples=1)), dataset, tmp_path / "fifth").probes
    per_epoch = len(sizes) // 2
    for probe in found:
        end = int(probe["steps"])
        start = max(end - 5, (end - 1) // per_epoch * per_epoch)
        assert probe["met_accuracy"] == pytest.approx(right[start:end].sum() / sum(sizes[start:end]))


def test_without_a_validation_split_all_is_trained_on_and_none_is_measured(tmp_path, dataset):
    data = DataSettings("tiny", "centred", hold_out=0)
    training = train(a_run(epochs=1, data=data), dataset, tmp_path)
    stored = {name: len(dataset.splits[name].targets) for name in ("train", "validation")}
    assert training.task.steps_per_epoch == -(-sum(stored.values()) // training.settings.batch_size)
    (measured,) = training.history
    assert measured["validation_loss"] is measured["validation_accuracy"] is None
    training.task.load(CPU, False, "evaluation")
    metrics = training.task.evaluate().metrics
    assert metrics["train_accuracy"][1] == sum(stored.values())
    assert not any(name.startswith("validation") for name in metrics)


def test_max_steps_ends_within_an_epoch(tmp_path, dataset):
    settings = a_run(epochs=4, max_steps=18, probe=ProbeSettings(every=9, examples=5))
    training = train(settings, dataset, tmp_path)
    assert training.task.steps_per_epoch == 13
    assert [result["steps"] for result in training.history] == [13, 18]
    assert training.steps_done == training.total_steps == 18
    # The second epoch is the beginning of the whole one.
    longer = train(a_run(epochs=2), dataset, tmp_path / "longer")
    assert training.history[0]["train_loss"] == longer.history[0]["train_loss"]
    assert training.history[1]["train_loss"] != longer.history[1]["train_loss"]


def test_a_stopped_training_with_everything_goes_on_to_the_same_result(tmp_path, colours):
    settings = a_run(
        model=ModelSettings("feedforward", {"inputs": (3, 28, 28), "dropout": 0.2}),
        loss="cross-entropy",
        data=DataSettings("tiny", "half", augment=AugmentSettings(0.5, 0.3, rotate=10, shift=0.1)),
        optimiser=OptimiserSettings("sgd", 0.05, schedule="linear"),
        l2=L2Settings(0.01),
        probe=ProbeSettings(every=2, examples=10),
        max_steps=20,
    )
    whole = train(settings, colours, tmp_path / "whole")
    stopped = Training(settings, colours, CPU)
    progress = Progress("test", settings.epochs, stopped.total_steps, 0, io.StringIO())
    with pytest.raises(InterruptedError):
        stopped.run(StoppingCheckpoint(tmp_path / "c.pt", ""), progress, checkpoint_seconds=0)
    resumed = Training(settings, colours, CPU)
    resumed.restore(CheckpointFile(tmp_path / "c.pt", "").load(print))
    assert 0 < resumed.steps_done < resumed.task.steps_per_epoch
    resumed.run(CheckpointFile(tmp_path / "c.pt", ""), progress)
    assert resumed.history == whole.history
    assert resumed.probes == whole.probes
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(tensor, resumed.model.state_dict()[name]), name
