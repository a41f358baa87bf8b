"""Reviews as numbers: cleaning, vocabulary, padding, splits, and what is stored."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rework.datasets import labelled_texts, reviews
from rework.datasets.labelled_texts import stored_text, stored_words
from rework.datasets.plain_words import numbered, padded, plain_words, words_by_frequency
from rework.datasets.store import open_dataset
from rework.errors import ConfigError, DataError
from rework.formats.review_archive import Review, write_reviews
from rework.samples.reviews import generate
from rework.settings.data import DatasetSettings


def settings_of(**options):
    return DatasetSettings("reviews", True, (), {"words": 6, **options}, layout="texts")


def stored(folder, written, **options):
    write_reviews(folder / "aclImdb_v1.tar.gz", written)
    settings = settings_of(**options)
    labelled_texts.write_dataset(folder / "out", reviews.read(folder, settings), settings)
    return open_dataset(folder / "out")


@given(st.text())
def test_words_hold_no_punctuation_digits_or_blanks(text):
    words = plain_words(text)
    assert all(word and not set(word) & set("!?.,'<>/0123456789 \n\t") for word in words)
    assert plain_words(" ".join(words)) == words
    assert "".join(words) == "".join(letter for letter in text.lower() if plain_words(letter))


@given(st.lists(st.lists(st.sampled_from("abcdef")), max_size=5))
def test_the_vocabulary_is_in_the_order_of_frequency_then_of_first_occurrence(texts):
    joined = [word for text in texts for word in text]
    counts = Counter(joined)
    expected = sorted(counts, key=lambda word: (-counts[word], joined.index(word)))
    assert list(words_by_frequency(texts)) == expected


@given(st.lists(st.integers(1, 9), max_size=12), st.integers(1, 8))
def test_padding_and_cutting(numbers, length):
    row = padded(numbers, length).tolist()
    assert len(row) == length
    kept = numbers[:length]
    assert row == [0] * (length - len(kept)) + kept


def test_a_data_set_keeps_order_texts_and_numbers(tmp_path):
    written = [
        Review(f"{number}_9.txt", positive, f"Film {number % 3} was {'good' if positive else 'bad, very bad'}. Ça va!")
        for number in range(10)
        for positive in (True, False)
    ]
    dataset = stored(tmp_path, written)
    words = stored_words(dataset)
    numbers = numbered(words)
    assert words[:4] == ("film", "was", "ça", "va")
    assert {name: len(split.targets) for name, split in dataset.splits.items()} == {
        "train": 16,
        "validation": 2,
        "test": 2,
    }
    row = 0
    for split in dataset.splits.values():
        for place, target in enumerate(split.targets):
            review = written[row]
            assert target == review.positive
            assert stored_text(split, place) == review.text
            cleaned = plain_words(review.text)
            assert split.arrays["lengths"][place] == len(cleaned)
            assert np.array_equal(split.inputs[place], padded([numbers[word] for word in cleaned], 6))
            row += 1
    assert row == len(written)


def test_reviews_without_words_are_left_out_and_counted(tmp_path):
    written = [
        Review(f"{number}_9.txt", positive, "1/10" if number == 3 else "a film")
        for number in range(9)
        for positive in (True, False)
    ]
    dataset = stored(tmp_path, written)
    assert sum(len(split.targets) for split in dataset.splits.values()) == 16
    assert any("2 reviews without a word" in note for note in dataset.info["notes"])


def test_a_changed_vocabulary_is_noticed(tmp_path):
    generate(tmp_path, 1, {"reviews": 20})
    settings = settings_of(reviews=20)
    labelled_texts.write_dataset(tmp_path / "out", reviews.read(tmp_path, settings), settings)
    (tmp_path / "out" / "words.txt").write_text("other\n")
    with pytest.raises(DataError, match=r"words\.txt"):
        stored_words(open_dataset(tmp_path / "out"))


def test_wrong_options_and_too_few_reviews(tmp_path):
    write_reviews(tmp_path / "aclImdb_v1.tar.gz", [Review("0_9.txt", positive, "x") for positive in (True, False)])
    with pytest.raises(DataError, match="2 reviews that are not empty; expected at least 10"):
        reviews.read(tmp_path, settings_of())
    with pytest.raises(ConfigError, match="expected at most 10000"):
        reviews.read(tmp_path, settings_of(words=20_000))
    with pytest.raises(ConfigError, match="option words"):
        reviews.read(tmp_path, DatasetSettings("reviews", True, (), {}, layout="texts"))


def test_the_sample_is_the_same_for_a_seed_and_teaches_something(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(tmp_path / name, seed, {"reviews": 40})
    one, same, other = ((tmp_path / name / reviews.FILE).read_bytes() for name in "abc")
    assert one == same != other
    with pytest.raises(ConfigError, match="expected an even number"):
        generate(tmp_path / "d", 1, {"reviews": 41})
