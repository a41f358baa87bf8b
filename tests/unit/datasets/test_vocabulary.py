"""Words as numbers: what is encoded is decoded, and what looks like a special word is none."""

from hypothesis import given
from hypothesis import strategies as st
from rework.datasets.vocabulary import END, PADDING, SPECIAL, START, UNKNOWN, decode, encode, vocabulary_of

WORD = st.sampled_from(["a", "A", "river", "River", "ship", "<end>", "<pad>", "<start>", "<unknown>"])
CAPTION = st.lists(WORD, min_size=1, max_size=8)


@given(training=st.lists(CAPTION, max_size=5), caption=CAPTION, more=st.integers(0, 4))
def test_an_encoded_caption_has_one_start_and_one_end_and_comes_back(training, caption, more):
    words = vocabulary_of(training)
    row = encode(caption, words, len(caption) + 2 + more).tolist()
    assert len(row) == len(caption) + 2 + more
    assert row[0] == START
    assert row.index(END) == len(caption) + 1
    assert row[len(caption) + 2 :] == [PADDING] * more
    assert row.count(START) == row.count(END) == 1
    assert row.count(PADDING) == more
    known = {word.lower() for words in training for word in words}
    lower = [word.lower() for word in caption]
    assert [number == UNKNOWN for number in row[1 : len(caption) + 1]] == [word not in known for word in lower]
    assert decode(row, words) == [word if word in known else "<unknown>" for word in lower]


def test_the_vocabulary_is_in_order_whatever_the_order_of_captions():
    captions = [["b", "C"], ["a", "c"], ["B"]]
    assert vocabulary_of(captions) == vocabulary_of(reversed(captions)) == (*SPECIAL, "a", "b", "c")


def test_nothing_is_read_after_the_end():
    assert decode([START, 4, END, 4, 4], [*SPECIAL, "a"]) == ["a"]
    assert decode([4, 4], [*SPECIAL, "a"]) == ["a", "a"], "a caption that was cut off has no end"
    assert decode([END], [*SPECIAL, "a"]) == []
