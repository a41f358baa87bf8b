"""The text of the exercise on characters: how it is read, numbered and split, and its sample."""

import os
from pathlib import Path

import numpy as np
import pytest
from rework.datasets import anna_karenina
from rework.datasets.store import open_dataset, write_dataset
from rework.errors import DataError
from rework.samples.anna_karenina import generate
from rework.settings.data import DatasetSettings
from tiny_sequences import write_tiny_text

SETTINGS = DatasetSettings("anna-karenina", False, (), layout="characters")


def read(folder, content):
    (folder / anna_karenina.FILE).write_bytes(content)
    return anna_karenina.read(folder, SETTINGS)


def test_every_character_has_its_number_and_the_last_tenth_is_for_validation(tmp_path):
    text = "Chapter 1\n\n\nHappy families are all alike; every unhappy family, ça va.\n"
    found = read(tmp_path, text.encode())
    assert found.classes == tuple(sorted(set(text)))
    numbers = np.concatenate([found.splits["train"][0], found.splits["validation"][0]])
    assert "".join(found.classes[number] for number in numbers) == text
    assert len(found.splits["train"][0]) == int(len(text) * (1 - 0.1))
    assert set(found.splits) == {"train", "validation"}


def test_an_end_of_line_is_one_character(tmp_path):
    found = read(tmp_path, b"one\r\ntwo\r\nthree\r\n")
    assert "\r" not in found.classes
    assert sum(map(len, (arrays[0] for arrays in found.splits.values()))) == 14


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "expected a long text"), (b"caf\xe9 caf\xe9 caf\xe9", "not a text in UTF-8")]
)
def test_what_is_no_text_is_refused(tmp_path, content, message):
    with pytest.raises(DataError, match=message):
        read(tmp_path, content)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"anna\.txt: no such file"):
        anna_karenina.read(tmp_path, SETTINGS)


def test_a_stored_text_has_no_test_split_and_is_counted(tmp_path):
    dataset = open_dataset(write_tiny_text(tmp_path))
    assert set(dataset.splits) == {"train", "validation"}
    targets = np.asarray(dataset.splits["train"].targets)
    assert dataset.info["splits"]["train"]["per_class"] == np.bincount(targets, minlength=len(dataset.classes)).tolist()
    assert not list(dataset.directory.glob("test_*"))


def test_another_split_is_refused(tmp_path):
    raw = read(tmp_path, b"enough text for two splits")
    splits = {**raw.splits, "test": raw.splits["validation"]}
    with pytest.raises(DataError, match=r"expected \['train', 'validation'\]"):
        write_dataset(tmp_path / "out", type(raw)(splits, raw.classes), SETTINGS)


def test_the_sample_is_the_same_for_the_same_seed_and_has_chapters(tmp_path):
    texts = []
    for number, seed in enumerate((1, 1, 2)):
        generate(tmp_path / str(number), seed, {"paragraphs": 30})
        texts.append((tmp_path / str(number) / anna_karenina.FILE).read_text())
    assert texts[0] == texts[1] != texts[2]
    assert texts[0].startswith("Chapter 1\n\n\n")
    assert texts[0].count("Chapter") == 3


@pytest.mark.real_data
def test_the_novel_has_the_sizes_of_the_course():
    """As many characters as its notebook prints, and 139 batches an epoch."""
    folder = next(Path(os.environ["REWORK_DATA"]).rglob("anna.txt")).parent
    found = anna_karenina.read(folder, SETTINGS)
    assert len(found.classes) == 83
    assert (len(found.splits["train"][0]) - 1) // (128 * 100) == 139
