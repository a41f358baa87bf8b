"""Fashion-MNIST from raw files to arrays: the split, the checks before use, the steps, and the real files."""

import argparse
import hashlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.cli import main
from rework.datasets.fashion_mnist import CLASSES, read
from rework.datasets.idx_pictures import FILES
from rework.datasets.store import open_dataset
from rework.errors import ConfigError, DataError
from rework.formats.idx import write_idx
from rework.settings.data import AssetSettings, DatasetSettings
from rework.steps import sample

OFFICIAL_MD5 = {  # torchvision.datasets.FashionMNIST.resources
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}


def settings(validation=5, *, sample=True, assets=(), **options):
    return DatasetSettings(
        name="fashion-mnist", sample=sample, assets=assets, options={"validation": validation, **options}
    )


def write_raw(folder, train=20, test=8):
    random = np.random.default_rng(3)
    arrays = {}
    for split, count in (("train", train), ("test", test)):
        images, labels = random.integers(0, 256, (count, 28, 28), np.uint8), random.integers(0, 10, count, np.uint8)
        write_idx(folder / FILES[split][0], images)
        write_idx(folder / FILES[split][1], labels)
        arrays[split] = images, labels
    return arrays


def assets_of(folder, **changes):
    return tuple(
        AssetSettings(
            **{
                "id": name.split(".")[0],
                "file": f"fashion-mnist/{name}",
                "urls": (),
                "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(),
                "bytes": (folder / name).stat().st_size,
                "licence": "MIT",
                "citation": "Xiao et al.",
                **changes,
            }
        )
        for names in FILES.values()
        for name in names
    )


def test_files_are_those_of_torchvision():
    from torchvision.datasets import FashionMNIST

    assert dict(FashionMNIST.resources) == OFFICIAL_MD5
    assert sorted(name for names in FILES.values() for name in names) == sorted(OFFICIAL_MD5)
    assert tuple(FashionMNIST.classes) == CLASSES


@given(validation=st.integers(1, 19))
def test_last_training_images_are_the_validation_split(tmp_path_factory, validation):
    folder = tmp_path_factory.mktemp("raw")
    arrays = write_raw(folder)
    splits = read(folder, settings(validation)).splits
    assert len(splits["validation"][0]) == validation
    for position in (0, 1):
        joined = np.concatenate([splits["train"][position], splits["validation"][position]])
        np.testing.assert_array_equal(joined.squeeze(), arrays["train"][position])
        np.testing.assert_array_equal(splits["test"][position].squeeze(), arrays["test"][position])
    assert splits["train"][0].shape == (20 - validation, 1, 28, 28)
    assert splits["train"][1].dtype == np.int64


def test_note_says_how_the_split_was_made(tmp_path):
    write_raw(tmp_path)
    assert read(tmp_path, settings(5)).notes == ("The last 5 of the 20 training images are the validation split.",)


@pytest.mark.parametrize("validation", [0, -1, 2.5, "5", True, None])
def test_validation_must_be_a_positive_number(tmp_path, validation):
    write_raw(tmp_path)
    with pytest.raises(ConfigError, match="data set fashion-mnist: option validation is"):
        read(tmp_path, settings(validation))


def test_validation_must_leave_training_images(tmp_path):
    write_raw(tmp_path)
    with pytest.raises(ConfigError, match="option validation is 20, but there are only 20 training images"):
        read(tmp_path, settings(20))


def test_misspelt_option_gets_the_nearest_name(tmp_path):
    with pytest.raises(ConfigError, match=r"unknown option 'validaton'; .*did you mean 'validation'\?"):
        read(tmp_path, settings(validaton=3))


def test_label_out_of_range(tmp_path):
    write_raw(tmp_path)
    write_idx(tmp_path / FILES["test"][1], np.array([1, 2, 10, 3, 4, 5, 6, 7], np.uint8))
    with pytest.raises(DataError, match="label 10 of item 2 is out of range, expected 0 to 9"):
        read(tmp_path, settings())


def run(*words):
    return main([str(word) for word in words])


def test_steps_of_the_sample_edition(tmp_path, capsys):
    value = settings(4, train=20, test=10).to_json()
    for _ in range(2):
        assert run("sample", "--settings", value, "--results", tmp_path) == 0
        assert run("preprocess", "--settings", value, "--results", tmp_path) == 0
    stored = open_dataset(tmp_path / "data" / "fashion-mnist")
    assert {name: len(split.targets) for name, split in stored.splits.items()} == {
        "train": 16,
        "validation": 4,
        "test": 10,
    }
    assert stored.sample
    assert [asset["file"] for asset in stored.info["assets"]] == sorted(OFFICIAL_MD5)
    assert not any(asset["comparable"] for asset in stored.info["assets"])
    assert set(stored.info["provenance"]) == {"step", "code", "packages"}
    assert "train 16" in capsys.readouterr().out
    assert str(tmp_path) not in json.dumps(stored.info)


def test_preprocess_of_the_full_edition(tmp_path, capsys):
    raw = tmp_path / "raw" / "fashion-mnist"
    raw.mkdir(parents=True)
    write_raw(raw)
    assets = assets_of(raw, substitute="Noise.", comparable=False)
    words = ("preprocess", "--results", tmp_path / "results", "--data-dir", tmp_path / "raw", "--settings")
    assert run(*words, settings(sample=False, assets=assets).to_json()) == 0
    stored = open_dataset(tmp_path / "results" / "data" / "fashion-mnist")
    assert [asset["sha256"] for asset in stored.info["assets"]] == [asset.sha256 for asset in assets]
    assert {asset["substitute"] for asset in stored.info["assets"]} == {"Noise."}
    assert not any(asset["comparable"] for asset in stored.info["assets"])

    path = raw / FILES["train"][1]
    write_idx(path, np.zeros(20, np.uint8))
    assert run(*words, settings(sample=False, assets=assets).to_json()) == 2
    message = capsys.readouterr().err
    assert f"{path} has SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}, expected {assets[1].sha256}" in message
    assert "python -m rework fetch train-labels-idx1-ubyte" in message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda _: (), "its assets must share one folder"),
        (
            lambda assets: (*assets[1:], AssetSettings(**{**vars(assets[0]), "file": "elsewhere/x.gz"})),
            "its assets must share one folder",
        ),
    ],
)
def test_assets_must_share_a_folder(tmp_path, capsys, change, message):
    write_raw(tmp_path)
    value = settings(sample=False, assets=change(assets_of(tmp_path))).to_json()
    assert run("preprocess", "--settings", value, "--results", tmp_path / "r", "--data-dir", tmp_path) == 2
    assert message in capsys.readouterr().err


def test_missing_raw_files_are_said(tmp_path, capsys):
    write_raw(tmp_path)
    full = settings(sample=False, assets=assets_of(tmp_path)).to_json()
    assert run("preprocess", "--settings", full, "--results", tmp_path / "r", "--data-dir", tmp_path / "no") == 2
    assert "no such file; 'python -m rework fetch" in capsys.readouterr().err
    assert run("preprocess", "--settings", full, "--results", tmp_path / "r") == 2
    assert "need --data-dir" in capsys.readouterr().err
    assert run("preprocess", "--settings", settings().to_json(), "--results", tmp_path / "r") == 2
    assert "no generated files" in capsys.readouterr().err


def test_full_edition_is_not_generated(tmp_path, capsys):
    assert run("sample", "--settings", settings(sample=False).to_json(), "--results", tmp_path) == 2
    assert "is not generated" in capsys.readouterr().err


def test_sample_step_by_hand_is_of_the_sample_edition():
    parser = argparse.ArgumentParser()
    sample.add_arguments(parser)
    assert parser.parse_args(["fashion-mnist"]).edition == "sample"


def test_fetch_step(tmp_path, capsys):
    local, data = tmp_path / "local", tmp_path / "data"
    local.mkdir()
    write_raw(local)
    asset = assets_of(local)[0]
    words = ("fetch", "--settings", asset.to_json(), "--offline")
    assert run(*words) == 2
    assert "--settings needs --data-dir" in capsys.readouterr().err
    assert run(*words, "--data-dir", data) == 2
    assert "network: not asked (offline)" in capsys.readouterr().err
    assert run(*words, "--data-dir", data, "--local-folder", local) == 0
    assert f"copied from {local / FILES['train'][0]}" in capsys.readouterr().out
    assert run(*words, "--data-dir", data, "--local-folder", local) == 0
    assert "already at" in capsys.readouterr().out
    assert run(*words, "--data-dir", tmp_path / "new", "--local-folder", local) == 0
    assert "copied from" in capsys.readouterr().out


@pytest.mark.real_data
def test_real_files(real_data):
    folder = real_data / "fashion-mnist"
    for name, md5 in OFFICIAL_MD5.items():
        assert hashlib.md5((folder / name).read_bytes()).hexdigest() == md5
    raw = read(folder, settings(10_000, sample=False))
    assert {name: inputs.shape for name, (inputs, _) in raw.splits.items()} == {
        "train": (50_000, 1, 28, 28),
        "validation": (10_000, 1, 28, 28),
        "test": (10_000, 1, 28, 28),
    }
    targets = np.concatenate([raw.splits["train"][1], raw.splits["validation"][1]])
    assert np.bincount(targets).tolist() == [6000] * 10
    assert np.bincount(raw.splits["test"][1]).tolist() == [1000] * 10
    # The well-known mean and deviation of the 60,000 training images.
    inputs = np.concatenate([raw.splits["train"][0], raw.splits["validation"][0]]) / 255
    assert (round(inputs.mean(), 4), round(inputs.std(), 4)) == (0.2860, 0.3530)
