"""The samples of MNIST and CIFAR-10: official format, reproducible, balanced, varied, learnable and not trivial."""

import hashlib

import numpy as np
import pytest
from rework.datasets import cifar_10 as cifar_data
from rework.datasets import mnist as mnist_data
from rework.datasets.idx_pictures import FILES
from rework.errors import ConfigError
from rework.formats.cifar import read_cifar
from rework.formats.idx import read_pair
from rework.samples import cifar_10, mnist
from rework.seeds import derive_seed
from rework.settings.data import DatasetSettings

SETS = {"mnist": (mnist, mnist_data, (1, 28, 28)), "cifar-10": (cifar_10, cifar_data, (3, 32, 32))}
both = pytest.mark.parametrize("name", SETS)


def hashes(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def read_all(name, folder):
    """Return the arrays of both files' splits as the data set's own reader sees them."""
    if name == "cifar-10":
        batches = read_cifar(folder / cifar_data.FILE)
        return {"train": batches.train, "test": batches.test}
    return {
        split: read_pair(folder / images, folder / labels, height=28, width=28, classes=10)
        for split, (images, labels) in FILES.items()
    }


@both
def test_official_format_and_even_classes(tmp_path, name):
    module, data, shape = SETS[name]
    module.generate(tmp_path, 1, {"train": 45, "test": 20, "validation": 10})
    found = read_all(name, tmp_path)
    for split, count in (("train", 45), ("test", 20)):
        inputs, targets = found[split]
        assert inputs.shape == (count, *shape)
        assert set(np.bincount(targets, minlength=10)) <= {count // 10, -(-count // 10)}
        assert not (np.diff(targets) == 1).mean() > 0.5  # in random order
    raw = data.read(tmp_path, DatasetSettings(name=name, sample=True, assets=(), options={"validation": 10}))
    assert len(raw.splits["train"][0]) == 35
    assert len(hashes(tmp_path)) == (4 if name == "mnist" else 1)


@both
def test_equal_seeds_give_equal_bytes_and_others_do_not(tmp_path, name):
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        SETS[name][0].generate(tmp_path / folder, seed, {"train": 20, "test": 20})
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    assert not set(hashes(tmp_path / "a").values()) & set(hashes(tmp_path / "c").values())
    found = read_all(name, tmp_path / "a")
    assert not np.array_equal(found["train"][0], found["test"][0])


@both
def test_number_of_test_images_leaves_the_training_images_alone(tmp_path, name):
    for folder, count in (("a", 10), ("b", 20)):
        SETS[name][0].generate(tmp_path / folder, 1, {"train": 20, "test": count})
    np.testing.assert_array_equal(
        read_all(name, tmp_path / "a")["train"][0], read_all(name, tmp_path / "b")["train"][0]
    )


@both
@pytest.mark.parametrize("options", [{"train": 0}, {"test": "many"}, {"tset": 5}])
def test_wrong_options(tmp_path, name, options):
    with pytest.raises(ConfigError, match=f"sample of {name}"):
        SETS[name][0].generate(tmp_path, 1, options)
    assert hashes(tmp_path) == {}


def test_training_pictures_of_cifar_10_fill_five_batches(tmp_path):
    with pytest.raises(ConfigError, match="option train is 42, expected a multiple of 5"):
        cifar_10.generate(tmp_path, 1, {"train": 42})
    assert hashes(tmp_path) == {}


def test_every_class_has_a_drawer_and_a_scenery():
    assert tuple(cifar_10.DRAWERS) == cifar_data.CLASSES


def test_digits_are_white_on_black_and_whole():
    pictures, _ = mnist.draw_split(500, derive_seed(0, "digits"))
    covered = (pictures > 0).mean(axis=(1, 2))
    assert covered.min() > 0.03
    assert covered.max() < 0.75
    assert (pictures.reshape(500, -1).max(axis=1) > 90).all()
    assert np.median(pictures[:, [0, 0, -1, -1], [0, -1, 0, -1]]) == 0
    border = np.concatenate([pictures[:, [0, -1]].reshape(500, -1), pictures[:, :, [0, -1]].reshape(500, -1)], axis=1)
    assert (border > 60).any(axis=1).mean() < 0.25  # few digits are cut off
    assert len({picture.tobytes() for picture in pictures}) == 500


@pytest.mark.parametrize("name", cifar_data.CLASSES)
def test_things_are_in_colour_and_varied(name):
    random = np.random.default_rng(derive_seed(0, name))
    pictures = np.stack([cifar_10.draw_thing(name, random) for _ in range(60)])
    assert pictures.dtype == np.uint8
    assert pictures.shape == (60, 32, 32, 3)
    assert len({picture.tobytes() for picture in pictures}) == 60
    assert pictures.std(axis=(1, 2)).max(axis=1).min() > 8  # something is to be seen in each
    assert np.ptp(pictures.mean(axis=(1, 2)), axis=1).max() > 20  # not all are grey
    assert pictures.std(axis=0).min() > 10  # no place is always the same


@both
def test_linear_model_learns_something_but_not_all(name):
    """Logistic regression on a thousand pictures: far above chance (0.1), far from perfect."""
    from sklearn.linear_model import LogisticRegression

    draw = SETS[name][0].draw_split
    images, labels = draw(1000, derive_seed(7, "train"))
    test_images, test_labels = draw(1000, derive_seed(7, "test"))
    flat, flat_test = (pictures.reshape(1000, -1) / np.float32(255) for pictures in (images, test_images))
    strength = 0.05 if name == "mnist" else 0.001
    model = LogisticRegression(C=strength, max_iter=300, tol=1e-2).fit(flat, labels)
    accuracy = model.score(flat_test, test_labels)
    low, high = (0.65, 0.9) if name == "mnist" else (0.25, 0.5)
    assert low < accuracy < high


@pytest.mark.slow
@both
def test_small_network_learns_well_and_keeps_making_mistakes(name):
    import torch
    from torch import nn

    draw, (channels, *_) = SETS[name][0].draw_split, SETS[name][2]
    count = 4000
    images, labels = draw(count, derive_seed(7, "train"))
    test_images, test_labels = draw(1000, derive_seed(7, "test"))
    inputs, test_inputs = (
        torch.from_numpy(pictures.reshape(len(pictures), channels, *pictures.shape[-2:]) / np.float32(255) - 0.5)
        for pictures in (images, test_images)
    )
    torch.manual_seed(0)
    layers = [nn.Conv2d(channels, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2)]
    network = nn.Sequential(*layers, nn.Flatten(), nn.LazyLinear(64), nn.ReLU(), nn.Linear(64, 10))
    network(inputs[:1])
    optimiser = torch.optim.Adam(network.parameters(), 1e-3)
    targets = torch.from_numpy(labels.astype(np.int64))
    for _ in range(4):
        for batch in torch.randperm(count).split(32):
            optimiser.zero_grad()
            nn.functional.cross_entropy(network(inputs[batch]), targets[batch]).backward()
            optimiser.step()
    with torch.no_grad():
        accuracy = (network(test_inputs).argmax(dim=1).numpy() == test_labels).mean()
    low, high = (0.9, 0.99) if name == "mnist" else (0.6, 0.85)
    assert low < accuracy < high
