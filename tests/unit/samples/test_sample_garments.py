"""The embedded sample: official format, reproducible, varied, and harder for a linear model than for a network."""

import hashlib

import numpy as np
import pytest
from rework.datasets.fashion_mnist import CLASSES
from rework.datasets.idx_pictures import FILES
from rework.errors import ConfigError
from rework.formats.idx import read_pair
from rework.samples.fashion_mnist import DRAWERS, draw_garment, draw_split, generate
from rework.seeds import derive_seed


def hashes(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_files_in_the_official_format(tmp_path):
    generate(tmp_path, 1, {"train": 40, "test": 20, "validation": 10})
    for split, count in (("train", 40), ("test", 20)):
        images, labels = FILES[split]
        inputs, targets = read_pair(tmp_path / images, tmp_path / labels, height=28, width=28, classes=10)
        assert inputs.shape == (count, 1, 28, 28)
        assert np.bincount(targets).tolist() == [count // 10] * 10
    assert len(hashes(tmp_path)) == 4


def test_equal_seeds_give_equal_bytes_and_others_do_not(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(tmp_path / name, seed, {"train": 20, "test": 20})
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    assert not set(hashes(tmp_path / "a").values()) & set(hashes(tmp_path / "c").values())
    train, test = (hashes(tmp_path / "a")[FILES[split][0]] for split in ("train", "test"))
    assert train != test


def test_number_of_test_images_leaves_the_training_images_alone(tmp_path):
    for name, count in (("a", 10), ("b", 20)):
        generate(tmp_path / name, 1, {"train": 20, "test": count})
    assert hashes(tmp_path / "a")[FILES["train"][0]] == hashes(tmp_path / "b")[FILES["train"][0]]


@pytest.mark.parametrize("options", [{"train": 0}, {"test": "many"}, {"tset": 5}])
def test_wrong_options(tmp_path, options):
    with pytest.raises(ConfigError, match="sample of fashion-mnist"):
        generate(tmp_path, 1, options)
    assert hashes(tmp_path) == {}


def test_every_class_has_a_drawer():
    assert tuple(DRAWERS) == CLASSES


@pytest.mark.parametrize("name", CLASSES)
def test_garments_are_visible_varied_and_on_black(name):
    random = np.random.default_rng(derive_seed(0, name))
    pictures = np.stack([draw_garment(name, random) for _ in range(60)])
    assert pictures.dtype == np.uint8
    assert pictures.shape == (60, 28, 28)
    covered = (pictures > 0).mean(axis=(1, 2))
    assert covered.min() > 0.03
    assert covered.max() < 0.85
    assert (pictures.reshape(60, -1).max(axis=1) > 90).all()
    assert len({picture.tobytes() for picture in pictures}) == 60
    # Shapes differ, not only shades: no pixel but the frame is covered always or never.
    assert ((pictures > 0).mean(axis=0) > 0.98).mean() < 0.3


@pytest.mark.slow
def test_linear_model_is_clearly_worse_than_a_network():
    """Logistic regression, the best of three strengths, against the CNN of the writeup after three short epochs."""
    import torch
    from rework.models.fashion_cnn import build
    from sklearn.linear_model import LogisticRegression

    images, labels = draw_split(4000, derive_seed(7, "train"))
    test_images, test_labels = draw_split(1000, derive_seed(7, "test"))
    flat, flat_test = (pictures.reshape(len(pictures), -1) / np.float32(255) for pictures in (images, test_images))
    linear = max(
        LogisticRegression(C=strength, max_iter=300, tol=1e-3).fit(flat, labels).score(flat_test, test_labels)
        for strength in (0.01, 0.1, 1.0)
    )
    torch.manual_seed(0)
    network = build(dropout=0.4)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    inputs, targets = torch.from_numpy(images[:, None] / np.float32(255)), torch.from_numpy(labels.astype(np.int64))
    for _ in range(3):
        for batch in torch.randperm(4000).split(16):
            optimiser.zero_grad()
            torch.nn.functional.nll_loss(network(inputs[batch]), targets[batch]).backward()
            optimiser.step()
    network.eval()
    with torch.no_grad():
        predictions = network(torch.from_numpy(test_images[:, None] / np.float32(255))).argmax(dim=1).numpy()
    convolutional = (predictions == test_labels).mean()
    assert 0.6 < linear < 0.88
    assert convolutional > 0.9
    assert convolutional > linear + 0.06
