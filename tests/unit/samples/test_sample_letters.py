"""The drawn words that stand in for the OCR letters: official format, same bytes, every letter, ten folds."""

import numpy as np
from rework.formats.letter_lines import ALPHABET, read_letter_lines
from rework.samples.ocr_letters import FILE, VOCABULARY, generate


def words_of(lines):
    text = "".join(ALPHABET[letter] for letter in lines.letters)
    return [text[start:end] for start, end in zip(lines.offsets[:-1], lines.offsets[1:], strict=True)]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path):
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(tmp_path / folder, seed, {"words": 20})
    first, second, other = ((tmp_path / folder / FILE).read_bytes() for folder in "abc")
    assert first == second != other


def test_it_reads_as_the_official_file_does(tmp_path):
    generate(tmp_path, 3, {"words": 150})
    lines = read_letter_lines(tmp_path / FILE)
    assert len(words_of(lines)) == 150
    assert set(words_of(lines)) <= set(VOCABULARY)
    assert np.bincount(lines.folds[lines.offsets[:-1]]).tolist() == [15] * 10
    ink = lines.images.mean(axis=(1, 2))
    assert ink.min() > 0.05
    assert ink.max() < 0.95


def test_the_vocabulary_has_every_letter():
    assert set("".join(VOCABULARY)) == set(ALPHABET)
