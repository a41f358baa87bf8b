"""Validation splits that trainings draw anew."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as rules
from hypothesis import strategies as st
from rework.datasets.random_holdout import held_out_at_random
from rework.datasets.store import StoredDataset, StoredSplit, open_dataset
from rework.errors import ConfigError
from rework.models.building import build_model
from rework.settings.run import DataSettings
from rework.training.tasks.task import load_task
from sklearn.model_selection import train_test_split
from tiny_runs import a_run, write_tiny_dataset


def stored(train, validation, test=3):
    """Return a data set whose inputs are numbers that tell its examples apart."""
    numbers = np.arange(train + validation + test)
    parts = np.split(numbers, [train, train + validation])
    splits = {
        name: StoredSplit({"inputs": part[:, None].copy(), "targets": 10 * part})
        for name, part in zip(("train", "validation", "test"), parts, strict=True)
    }
    return StoredDataset(None, "numbers", "examples", False, (), splits, (), (), {}, "")


@rules(deadline=None)
@given(
    train=st.integers(1, 60),
    validation=st.integers(1, 20),
    share=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**63 - 1),
)
def test_every_example_is_in_one_split_with_its_target(train, validation, share, seed):
    count = round(share * (train + validation))
    if not 0 < count < train + validation:
        with pytest.raises(ConfigError, match=r"data\.hold_out: .* expected some, but not all"):
            held_out_at_random(stored(train, validation), share, seed)
        return
    splits = held_out_at_random(stored(train, validation), share, seed).splits
    assert len(splits["validation"].targets) == count
    drawn = np.concatenate([splits["train"].inputs, splits["validation"].inputs])[:, 0]
    assert sorted(drawn) == list(range(train + validation))
    for split in splits.values():
        assert (split.targets == 10 * split.inputs[:, 0]).all()
        assert (np.diff(split.targets) > 0).all(), "in the stored order"
    assert splits["test"].targets.tolist() == stored(train, validation).splits["test"].targets.tolist()


def test_a_share_of_nothing_leaves_all_for_training():
    splits = held_out_at_random(stored(80, 20), 0, 1).splits
    assert sorted(splits) == ["test", "train"]
    assert splits["train"].inputs[:, 0].tolist() == list(range(100))


def test_equal_seeds_draw_equally_and_others_do_not():
    first, same, other = (
        held_out_at_random(stored(80, 20), 0.2, seed).splits["validation"].targets for seed in (1, 1, 2)
    )
    assert first.tolist() == same.tolist() != other.tolist()
    assert (first < 800).any(), "of the stored training split too"


def test_a_draw_of_scikit_learns_is_repeated_whatever_the_seed():
    expected = train_test_split(np.arange(600), test_size=100, random_state=42)[1]
    for seed in (1, 2):
        drawn = held_out_at_random(stored(500, 100), 100, seed, 42).splits["validation"].inputs[:, 0]
        assert drawn.tolist() == sorted(expected)


def test_each_seed_of_a_run_draws_its_own_validation_pictures(tmp_path):
    dataset = open_dataset(write_tiny_dataset(tmp_path))
    settings = a_run(data=DataSettings("tiny", hold_out=0.25))

    def validation(seed):
        task = load_task(replace(settings, seed=seed), dataset, build_model(settings.model))
        assert len(task.dataset.splits["train"].targets) == 103, "of 137 examples"
        return task.dataset.splits["validation"].inputs.tobytes()

    assert validation(0) == validation(0) != validation(1)
    settings = a_run(data=DataSettings("tiny", hold_out=34, hold_out_seed=42))
    assert validation(0) == validation(1), "one draw for all seeds"
    assert load_task(a_run(), dataset, build_model(settings.model)).dataset is dataset
