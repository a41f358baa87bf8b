"""MNIST and CIFAR-10 from raw files to splits: what is held out, wrong options, wrong or missing files, real files."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st
from rework.datasets import cifar_10, mnist
from rework.datasets.idx_pictures import FILES
from rework.errors import ConfigError, DataError
from rework.formats.cifar import FOLDER, CifarBatches, write_cifar
from rework.formats.idx import write_idx
from rework.settings.data import DatasetSettings

OFFICIAL_MD5 = {  # torchvision.datasets.MNIST.resources
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}


def write_mnist(folder, train=20, test=8):
    random = np.random.default_rng(3)
    arrays = {}
    for split, count in (("train", train), ("test", test)):
        images, labels = random.integers(0, 256, (count, 28, 28), np.uint8), random.integers(0, 10, count, np.uint8)
        write_idx(folder / FILES[split][0], images)
        write_idx(folder / FILES[split][1], labels)
        arrays[split] = images[:, None], labels.astype(np.int64)
    return arrays


def write_cifar_10(folder, train=20, test=8, *, classes=cifar_10.CLASSES, name=cifar_10.FILE):
    random = np.random.default_rng(3)
    arrays = {
        split: (random.integers(0, 256, (count, 3, 32, 32), np.uint8), random.integers(0, 10, count))
        for split, count in (("train", train), ("test", test))
    }
    write_cifar(folder / name, CifarBatches(**arrays, classes=classes))
    return arrays


SETS = {"mnist": (mnist, write_mnist), "cifar-10": (cifar_10, write_cifar_10)}
both = pytest.mark.parametrize("name", SETS)


def settings(name, **options):
    return DatasetSettings(name=name, sample=True, assets=(), options=options)


@both
@rules(max_examples=10, deadline=None)
@given(validation=st.integers(1, 19))
def test_last_training_images_are_the_validation_split(tmp_path_factory, name, validation):
    module, write = SETS[name]
    folder = tmp_path_factory.mktemp("raw")
    arrays = write(folder)
    raw = module.read(folder, settings(name, validation=validation))
    assert tuple(raw.splits) == ("train", "validation", "test")
    assert len(raw.splits["train"][0]) == 20 - validation
    for position in (0, 1):
        joined = np.concatenate([raw.splits["train"][position], raw.splits["validation"][position]])
        np.testing.assert_array_equal(joined, arrays["train"][position])
        np.testing.assert_array_equal(raw.splits["test"][position], arrays["test"][position])
    for inputs, targets in raw.splits.values():
        assert (inputs.dtype, targets.dtype) == (np.uint8, np.int64)
    assert raw.classes == module.CLASSES
    assert raw.notes == (f"The last {validation} of the 20 training images are the validation split.",)


@both
def test_options_of_the_sample_are_known(tmp_path, name):
    module, write = SETS[name]
    write(tmp_path)
    assert len(module.read(tmp_path, settings(name, validation=5, train=20, test=8)).splits["validation"][0]) == 5


@both
@pytest.mark.parametrize("validation", [0, -1, 2.5, "5", True, None])
def test_validation_must_be_a_positive_number(tmp_path, name, validation):
    module, write = SETS[name]
    write(tmp_path)
    with pytest.raises(ConfigError, match=f"data set {name}: option validation is {validation!r}"):
        module.read(tmp_path, settings(name, validation=validation))


@both
@pytest.mark.parametrize("validation", [20, 21])
def test_validation_must_leave_training_images(tmp_path, name, validation):
    module, write = SETS[name]
    write(tmp_path)
    message = f"data set {name}: option validation is {validation}, but there are only 20 training images"
    with pytest.raises(ConfigError, match=message):
        module.read(tmp_path, settings(name, validation=validation))


@both
def test_misspelt_option_gets_the_nearest_name(tmp_path, name):
    with pytest.raises(
        ConfigError, match=rf"data set {name}: unknown option 'validaton'; .*did you mean 'validation'\?"
    ):
        SETS[name][0].read(tmp_path, settings(name, validaton=3))


def test_names_are_those_of_torchvision():
    from torchvision.datasets import CIFAR10, MNIST

    assert dict(MNIST.resources) == OFFICIAL_MD5
    assert sorted(name for names in FILES.values() for name in names) == sorted(OFFICIAL_MD5)
    assert [name.split(" - ")[0] for name in MNIST.classes] == list(mnist.CLASSES)
    assert (CIFAR10.filename, CIFAR10.base_folder) == (cifar_10.FILE, FOLDER)


def test_missing_file_of_mnist(tmp_path):
    write_mnist(tmp_path)
    (tmp_path / FILES["test"][1]).unlink()
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz: no such file"):
        mnist.read(tmp_path, settings("mnist", validation=5))


def test_pictures_of_another_size_are_not_mnist(tmp_path):
    write_mnist(tmp_path)
    write_idx(tmp_path / FILES["train"][0], np.zeros((20, 32, 32), np.uint8))
    with pytest.raises(DataError, match="dimension 1 is 32, expected 28"):
        mnist.read(tmp_path, settings("mnist", validation=5))


def test_cifar_10_from_the_extracted_folder(tmp_path):
    arrays = write_cifar_10(tmp_path, name=FOLDER)
    raw = cifar_10.read(tmp_path, settings("cifar-10", validation=5))
    np.testing.assert_array_equal(raw.splits["validation"][0], arrays["train"][0][15:])


def test_archive_is_preferred_to_the_folder(tmp_path):
    write_cifar_10(tmp_path)
    write_cifar_10(tmp_path, train=10, name=FOLDER)
    assert len(cifar_10.read(tmp_path, settings("cifar-10", validation=5)).splits["train"][0]) == 15


def test_missing_files_of_cifar_10(tmp_path):
    with pytest.raises(DataError, match=rf"{tmp_path}: holds neither cifar-10-python\.tar\.gz nor the folder"):
        cifar_10.read(tmp_path, settings("cifar-10", validation=5))


def test_other_classes_are_not_cifar_10(tmp_path):
    write_cifar_10(tmp_path, classes=cifar_10.CLASSES[::-1])
    with pytest.raises(DataError, match=r"tar\.gz: its classes are truck, ship, .*; expected airplane, automobile"):
        cifar_10.read(tmp_path, settings("cifar-10", validation=5))


@pytest.mark.real_data
def test_real_mnist(real_data):
    for name, md5 in OFFICIAL_MD5.items():
        assert hashlib.md5((real_data / "mnist" / name).read_bytes()).hexdigest() == md5
    raw = mnist.read(real_data / "mnist", settings("mnist", validation=10_000))
    assert {split: inputs.shape for split, (inputs, _) in raw.splits.items()} == {
        "train": (50_000, 1, 28, 28),
        "validation": (10_000, 1, 28, 28),
        "test": (10_000, 1, 28, 28),
    }
    assert raw.splits["train"][1][:5].tolist() == [5, 0, 4, 1, 9]
    # The well-known mean and deviation of the 60,000 training images.
    inputs = np.concatenate([raw.splits["train"][0], raw.splits["validation"][0]]) / 255
    assert (round(inputs.mean(), 4), round(inputs.std(), 4)) == (0.1307, 0.3081)
