"""BLEU of captions: against Papineni's formula by brute force, and against two answers that are known."""

import json
import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rework.evaluation.captions import corpus_scores, sentence_bleu, signatures
from rework.formats.karpathy import read_captions

TEXT = st.lists(st.sampled_from("a b c the".split()), max_size=9).map(" ".join)
PAIR = st.tuples(TEXT, st.lists(TEXT.filter(bool), min_size=1, max_size=4))


def ngrams(words, order):
    return Counter(tuple(words[place : place + order]) for place in range(len(words) - order + 1))


def bleu(pairs, orders=4):
    """Return the BLEU of some captions by the formulas of Papineni et al., counting over all of them."""
    matches, totals, length, closest = [0] * orders, [0] * orders, 0, 0
    for caption, references in pairs:
        words, given = caption.split(), [reference.split() for reference in references]
        length += len(words)
        closest += min((abs(len(one) - len(words)), len(one)) for one in given)[1]
        for order in range(1, orders + 1):
            found = ngrams(words, order)
            most = Counter()
            for one in given:
                most |= ngrams(one, order)
            matches[order - 1] += (found & most).total()
            totals[order - 1] += found.total()
    if not all(matches):
        return 0.0
    penalty = 1.0 if length > closest else math.exp(1 - closest / length)
    return penalty * math.prod(m / t for m, t in zip(matches, totals, strict=True)) ** (1 / orders)


@settings(max_examples=60)
@given(pairs=st.lists(PAIR, min_size=1, max_size=5))
def test_scores_are_those_of_the_formula(pairs):
    captions, references = (list(part) for part in zip(*pairs, strict=True))
    assert sentence_bleu(captions, references).tolist() == pytest.approx([bleu([pair]) for pair in pairs], abs=1e-9)
    found = corpus_scores(captions, references)
    for order in (1, 2, 3, 4):
        assert found[f"bleu{order}"] == pytest.approx(bleu(pairs, order), abs=1e-9)
    assert all(0 <= score <= 1 for score in (*sentence_bleu(captions, references), *found.values()))


def test_the_brevity_penalty_takes_the_closest_reference_and_of_two_the_shorter():
    long = "a b c d e f g h"
    # 6 words; the references have 5 and 7, so that the shorter one counts and nothing is taken off.
    assert sentence_bleu(["a b c d e f"], [["a b c d e", "a b c d e f g"]])[0] == pytest.approx(1)
    assert sentence_bleu(["a b c d e f"], [[long]])[0] == pytest.approx(math.exp(1 - 8 / 6))
    assert sentence_bleu(["a b c d e f"], [[long, "x y z"]])[0] == pytest.approx(math.exp(1 - 8 / 6))


@pytest.mark.parametrize("caption", ["", "a", "a b c", "a b c x d e"])
def test_without_four_words_in_a_row_it_is_0(caption):
    assert sentence_bleu([caption], [["a b c d e"]]).tolist() == [0.0]


def test_a_perfect_caption_has_1_and_not_more():
    texts = [" ".join(f"w{place}" for place in range(length)) for length in range(4, 30)]
    assert set(sentence_bleu(texts, [[text] for text in texts]).tolist()) == {1.0}
    assert set(corpus_scores(texts, [[text] for text in texts]).values()) == {1.0}


def test_pictures_may_have_different_numbers_of_references():
    captions, references = ["a b c d e", "a b c d"], [["x y z", "a b c d e"], ["a b c d"]]
    assert sentence_bleu(captions, references).tolist() == pytest.approx([1, 1])
    assert corpus_scores(captions, references)["bleu4"] == pytest.approx(1)
    # A reference that a picture lacks is not an empty one, which would be the closest to a short caption.
    assert sentence_bleu(["a b c d"], [["a b c d e f", "a b c d e f"]])[0] == pytest.approx(math.exp(1 - 6 / 4))
    short = corpus_scores(["a b c d", "a b c d"], [["a b c d e f"], ["a b c d e f"] * 3])
    assert short["bleu4"] == pytest.approx(math.exp(1 - 6 / 4))


def test_the_signature_says_that_nothing_is_smoothed_or_tokenised():
    found = signatures(["a b c d"], [["a b c d", "a"]])
    assert "smooth:none" in found["bleu4"]
    assert "tok:none" in found["bleu4"]
    assert "chrF" in found["chrf"] or "nc:6" in found["chrf"]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "mean", "zeros", "corpus"), [("lstm", 0.50261, 13, 0.5125), ("attention", 0.54468, 10, 0.5778)]
)
def test_the_captions_of_another_student_have_the_scores_that_are_known(real_data, name, mean, zeros, corpus):
    described = real_data / "captions" / "sydney.json"
    written = real_data / "authors" / f"sydney_captions_of_another_student_{name}.json"
    for path in (described, written):
        if not path.is_file():
            pytest.skip(f"needs {path.relative_to(real_data)} in REWORK_DATA")
    given = {
        picture.name: [" ".join(words).lower() for words in picture.captions] for picture in read_captions(described)
    }
    found = json.loads(written.read_text())
    captions = [" ".join(item["caption"]) for item in found]
    references = [given[item["image_name"]] for item in found]
    scores = sentence_bleu(captions, references)
    assert len(scores) == 58
    assert scores.mean() == pytest.approx(mean, abs=5e-6)
    assert int((scores == 0).sum()) == zeros
    assert corpus_scores(captions, references)["bleu4"] == pytest.approx(corpus, abs=5e-5)
