"""What captions speak of: each noun belongs to one kind, and a caption is right if all that it speaks of is there."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st
from rework.evaluation.contents import KINDS, NOUNS, is_right, mentioned

WORDS = {kind: [*nouns.one, *nouns.many, *nouns.area] for kind, nouns in NOUNS.items()}
captions = st.lists(st.sampled_from([*chain(*WORDS.values()), "a", "is", "beside", "area", "water"]), max_size=8)


def test_each_noun_belongs_to_one_kind():
    assert KINDS == ("houses", "roads", "rivers", "bridges", "fields", "ships", "tanks")
    for kind, words in WORDS.items():
        assert kind in words
        for word in words:
            assert mentioned(["the", word]) == {kind}


@given(words=captions, present=st.sets(st.sampled_from(KINDS)))
def test_against_a_count_of_the_nouns(words, present):
    right = sum(word in WORDS[kind] for word in words for kind in present)
    wrong = sum(word in WORDS[kind] for word in words for kind in KINDS if kind not in present)
    assert is_right(words, present) == (right > 0 and wrong == 0)


@given(words=captions)
def test_nothing_is_right_about_an_empty_picture(words):
    assert not is_right(words, ())
