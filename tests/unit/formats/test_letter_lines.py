"""The reader of Taskar's OCR letters: a round trip, real data, and every fault named by its line."""

import gzip
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rework.errors import DataError
from rework.formats import letter_lines
from rework.formats.letter_lines import LetterLines, read_letter_lines, write_letter_lines


def make_letters(lengths, seed=0):
    generator = np.random.default_rng(seed)
    count = sum(lengths)
    return LetterLines(
        images=generator.integers(0, 2, (count, 16, 8)).astype(np.uint8),
        letters=generator.integers(0, 26, count),
        folds=np.repeat(generator.integers(0, 10, len(lengths)), lengths),
        offsets=np.append(0, np.cumsum(lengths)),
    )


@settings(max_examples=30, deadline=None)
@given(lengths=st.lists(st.integers(1, 14), min_size=1, max_size=20), seed=st.integers(0, 99))
def test_what_was_written_is_read(tmp_path_factory, lengths, seed):
    path = tmp_path_factory.mktemp("letters") / "letter.data.gz"
    written = make_letters(lengths, seed)
    write_letter_lines(path, written)
    read = read_letter_lines(path)
    for name in ("images", "letters", "folds", "offsets"):
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name))


def damaged(tmp_path, line, column, value):
    """A file of words of 3, 2 and 4 letters with one column of one line (from 1) changed."""
    path = tmp_path / "letter.data.gz"
    letters = make_letters([3, 2, 4])
    write_letter_lines(path, letters)
    rows = [row.split("\t") for row in gzip.decompress(path.read_bytes()).decode().splitlines()]
    rows[line - 1][column] = value
    path.write_bytes(gzip.compress("\n".join("\t".join(row) for row in rows).encode()))
    return path


@pytest.mark.parametrize(
    ("line", "column", "value", "message"),
    [
        (2, 1, "ä", "not ASCII"),
        (2, 1, "A", "line 2: letter 'A'; expected one of a-z"),
        (4, 2, "9", "line 4: next_id is 9; expected -1 or the id of the following line"),
        (3, 4, "4", r"line 3: position is 4; expected .*\(here 3\)"),
        (4, 4, "2", r"line 4: position is 2; expected .*\(here 1\)"),
        (5, 5, "10", "line 5: fold is 10; expected 0 to 9"),
        (5, 3, "7", "line 5: word is 7; expected the same for all letters of a word"),
        (7, 20, "2", "line 7: expected 128 pixels, each 0 or 1"),
        (7, 20, "", "line 7 has 134 columns; expected pixels of one digit each"),
        (8, 0, "x", "line 8: id is 'x'; expected a whole number"),
        (9, 2, "10", "line 9: next_id is 10"),
    ],
)
def test_a_fault_is_named_by_its_line(tmp_path, line, column, value, message):
    with pytest.raises(DataError, match=message):
        read_letter_lines(damaged(tmp_path, line, column, value))


def test_a_word_may_not_cross_a_fold(tmp_path):
    path = tmp_path / "letter.data.gz"
    letters = make_letters([3, 2])
    folds = letters.folds.copy()
    folds[1:3] = (folds[0] + 1) % 10
    write_letter_lines(path, LetterLines(letters.images, letters.letters, folds, letters.offsets))
    with pytest.raises(DataError, match="line 2: fold is"):
        read_letter_lines(path)


@pytest.mark.parametrize("content", [b"", gzip.compress(b"", mtime=0)], ids=["no bytes", "compressed nothing"])
def test_an_empty_file_is_refused(tmp_path, content):
    path = tmp_path / "letter.data.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match="empty"):
        read_letter_lines(path)


def test_a_truncated_file_is_refused(tmp_path):
    path = tmp_path / "letter.data.gz"
    write_letter_lines(path, make_letters([3, 2, 4]))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="damaged gzip"):
        read_letter_lines(path)


def test_a_small_file_that_unpacks_to_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(letter_lines, "LARGEST", 10_000)
    path = tmp_path / "letter.data.gz"
    path.write_bytes(gzip.compress(b"1\ta\n" * 1_000_000))
    with pytest.raises(DataError, match="holds more than 10,000 bytes of text"):
        read_letter_lines(path)
    path.write_bytes(b"1\ta\n" * 10_000)
    with pytest.raises(DataError, match="holds more than 10,000 bytes of text"):
        read_letter_lines(path)


def test_a_text_of_short_lines_is_not_held_line_by_line(tmp_path):
    path = tmp_path / "letter.data.gz"
    path.write_bytes(gzip.compress(b"ab\n" * 3_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="line 1 has 1 columns"):
            read_letter_lines(path)
        assert tracemalloc.get_traced_memory()[1] < 3 * letter_lines.LARGEST, "a list of the lines would take 177 MB"
    finally:
        tracemalloc.stop()


def test_a_missing_file_is_named_as_such(tmp_path):
    with pytest.raises(DataError, match=r"letter\.data\.gz: no such file"):
        read_letter_lines(tmp_path / "letter.data.gz")
