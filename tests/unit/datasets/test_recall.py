"""Sequences with a marked symbol: what is marked where, how far back, and that names decide every number."""

import numpy as np
import pytest
from rework.cli import main
from rework.datasets import recall
from rework.datasets.layouts import LAYOUTS
from rework.datasets.store import open_dataset
from rework.errors import ConfigError
from rework.settings.data import DatasetSettings
from tiny_sequences import write_tiny_sequences

OPTIONS = {"symbols": 4, "length": 6, "train": 40, "validation": 12, "test": 5}


def read(tmp_path, **changes):
    seed = changes.pop("global_seed", 0)
    settings = DatasetSettings("recall", False, (), {**OPTIONS, **changes}, seed, "sequences")
    return recall.read(tmp_path, settings).splits


def test_one_symbol_is_marked_and_named(tmp_path):
    dataset = open_dataset(write_tiny_sequences(tmp_path))
    assert dataset.classes == ("0", "1", "2", "3")
    for split in dataset.splits.values():
        for row, target, distance in zip(split.inputs, split.targets, split.arrays["distances"], strict=True):
            marked = [place for place, number in enumerate(row) if number >= 4]
            assert marked == [6 - distance]
            assert row[marked[0]] - 4 == target
            assert row.max() < 8


def test_test_distances_are_equally_frequent_and_the_others_nearer(tmp_path):
    splits = read(tmp_path, train=20000, length=7)
    assert np.bincount(splits["test"][2]).tolist() == [0] + [5] * 7
    shares = np.bincount(splits["train"][2], minlength=8)[1:] / 20000
    expected = np.log1p(1 / np.arange(1, 8)) / np.log(8)
    np.testing.assert_allclose(shares, expected, atol=0.015)
    assert np.bincount(splits["train"][1]).min() > 4600, "each symbol is marked equally often"


def test_numbers_derive_from_names(tmp_path):
    first, second, other = read(tmp_path), read(tmp_path), read(tmp_path, global_seed=1)
    for split in first:
        for a, b in zip(first[split], second[split], strict=True):
            np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first["train"][0], other["train"][0])
    assert not np.array_equal(first["train"][0][:12], first["validation"][0])


@pytest.mark.parametrize(("changes", "message"), [({"symbols": 129}, "symbols is 129"), ({"length": 0}, "length is 0")])
def test_wrong_options_are_refused(tmp_path, changes, message):
    with pytest.raises(ConfigError, match=message):
        read(tmp_path, **changes)


@pytest.mark.parametrize("sample", [True, False])
def test_it_is_prepared_without_files(tmp_path, capsys, sample):
    settings = DatasetSettings("recall", sample, (), OPTIONS, 3, "sequences").to_json()
    words = ["--settings", settings, "--results", str(tmp_path / "results")]
    assert main(["preprocess", *words, "--data-dir", str(tmp_path / "none")]) == 0
    stored = open_dataset(tmp_path / "results/data/recall")
    assert (stored.sample, stored.info["assets"]) == (sample, [])
    assert not (tmp_path / "results/data/recall/raw").exists()
    assert main(["sample", *words]) == 2
    assert "the step preprocess draws it" in capsys.readouterr().err or not sample


def test_only_this_layout_is_drawn():
    assert [name for name, layout in LAYOUTS.items() if layout.drawn] == ["sequences"]
