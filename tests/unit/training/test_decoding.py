"""Writing captions: word by word against a plain loop, and by a beam against a search of all sentences."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rework.datasets.vocabulary import END, PADDING, START
from rework.models import caption_attention, caption_joined_scores, caption_lstm
from rework.training.decoding import beam_search, greedy

FAMILIES = [caption_lstm, caption_joined_scores, caption_attention]
GRID = 2


@pytest.fixture(autouse=True)
def no_gradients():
    with torch.inference_mode():
        yield


def a_decoder(seed, family=caption_attention, words=3, sharpness=3.0, end=0.0):
    """Return a decoder of some words beside the special ones, whose scores differ by about ``sharpness``."""
    torch.manual_seed(seed)
    model = family.build(vocabulary=4 + words, grid=GRID, embedding=6, hidden=8).double().eval()
    model.output.weight.normal_(0, sharpness)
    model.embedding.weight.normal_(0, 2)
    model.output.bias[END] = end
    return model


def draw(seed, pictures):
    return 3 * torch.randn(pictures, GRID**2, 512, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def one_by_one(model, picture, longest):
    """Return the greedy caption of one picture and its attention, as the course's loop writes it."""
    features = picture.unsqueeze(0)
    state, word, written, maps = model.start(features), START, [], []
    while len(written) < longest and word != END:
        scores, attention, state = model.step(torch.tensor([word]), model.project(features), features, state)
        allowed = [number for number in range(model.vocabulary) if number not in (PADDING, START)]
        word = max(allowed, key=lambda number, scores=scores: float(scores[0, number]))
        written.append(word)
        maps.append(attention[0])
    return written, torch.stack(maps)


def without_padding(row):
    return [number for number in row.tolist() if number != PADDING]


def check_form(words, longest):
    """Check that rows are sentences: no start, at most one end, and padding after the end alone."""
    assert 0 < words.shape[1] <= longest
    assert not (words == START).any()
    for row in words.tolist():
        length = row.index(END) + 1 if END in row else len(row)
        assert PADDING not in row[:length]
        assert set(row[length:]) <= {PADDING}
        assert END in row or len(row) == longest, "a sentence ends with its end or the last place"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.rpartition(".")[2])
@settings(max_examples=15)
@given(seed=st.integers(0, 999), pictures=st.integers(1, 5), longest=st.integers(1, 9), end=st.floats(-3, 3))
def test_greedy_is_the_plain_loop_on_each_picture(family, seed, pictures, longest, end):
    with torch.inference_mode():  # hypothesis calls it outside of the fixture
        model, features = a_decoder(seed, family, end=end), draw(seed, pictures)
        written = greedy(model, features, longest)
        check_form(written.words, longest)
        assert written.attention.shape[:2] == written.words.shape
        for row, maps, picture in zip(written.words, written.attention, features, strict=True):
            expected, attention = one_by_one(model, picture, longest)
            assert without_padding(row) == expected
            torch.testing.assert_close(maps[: len(expected)], attention)
        assert written.words.shape[1] == max(len(without_padding(row)) for row in written.words)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.rpartition(".")[2])
@settings(max_examples=15)
@given(seed=st.integers(0, 999), pictures=st.integers(1, 5), longest=st.integers(1, 9), end=st.floats(-3, 3))
def test_a_beam_of_width_1_is_greedy(family, seed, pictures, longest, end):
    with torch.inference_mode():
        model, features = a_decoder(seed, family, end=end), draw(seed, pictures)
        expected = greedy(model, features, longest).words
        assert beam_search(model, features, longest, 1).tolist() == expected.tolist()


def log_probability(model, picture, sentence):
    """Return the log-probability of a sentence among those without padding and start."""
    features, total = picture.unsqueeze(0), 0.0
    state = model.start(features)
    for before, word in itertools.pairwise([START, *sentence]):
        scores, _, state = model.step(torch.tensor([before]), model.project(features), features, state)
        allowed = [number for number in range(model.vocabulary) if number not in (PADDING, START)]
        total += float(scores[0, word] - scores[0, allowed].logsumexp(0))
    return total


def all_sentences(model, longest):
    """Yield every sentence that ends, and those that the last place cuts off."""
    words = [number for number in range(model.vocabulary) if number not in (PADDING, START, END)]
    for length in range(longest):
        yield from ((*beginning, END) for beginning in itertools.product(words, repeat=length))
    yield from itertools.product(words, repeat=longest)


@pytest.mark.parametrize("seed", range(6))
def test_a_wide_beam_finds_the_likeliest_of_all_sentences(seed):
    longest = 3
    model, features = a_decoder(seed, words=2, sharpness=1.0, end=0.5), draw(seed, 2)
    every = list(all_sentences(model, longest))
    assert len(every) == 1 + 3 + 9 + 27
    found = beam_search(model, features, longest, width=len(every))
    check_form(found, longest)
    for row, picture in zip(found, features, strict=True):
        chances = {sentence: log_probability(model, picture, sentence) for sentence in every}
        assert sum(map(float, torch.tensor(list(chances.values())).exp())) == pytest.approx(1, abs=1e-5)
        assert tuple(without_padding(row)) == max(chances, key=chances.__getitem__)


def test_a_wider_beam_can_differ_from_greedy_and_finds_what_is_likelier():
    """Over many decoders, as pruning may lose the better sentence of a single one."""
    differences, gains = 0, 0.0
    for seed in range(12):
        model, features = a_decoder(seed, words=3, sharpness=1.0), draw(seed, 1)
        plain, wide = (without_padding(beam_search(model, features, 6, width)[0]) for width in (1, 4))
        differences += plain != wide
        gains += log_probability(model, features[0], wide) - log_probability(model, features[0], plain)
    assert differences > 2
    assert gains > 0


@settings(max_examples=20)
@given(seed=st.integers(0, 999), width=st.integers(1, 12), longest=st.integers(1, 8), end=st.floats(-5, 5))
def test_a_beam_writes_sentences_that_do_not_depend_on_the_other_pictures(seed, width, longest, end):
    """Also where the beam is wider than the vocabulary, so that at first there are fewer beginnings than places."""
    with torch.inference_mode():
        model, features = a_decoder(seed, end=end), draw(seed, 4)
        together = beam_search(model, features, longest, width)
        check_form(together, longest)
        for row, picture in zip(together, features, strict=True):
            alone = beam_search(model, picture.unsqueeze(0), longest, width)
            assert without_padding(alone[0]) == without_padding(row)


def test_a_sentence_that_ended_at_once_stays_so():
    model = a_decoder(1, end=50.0)
    written = greedy(model, draw(1, 3), 7)
    assert written.words.tolist() == [[END]] * 3
    assert beam_search(model, draw(1, 3), 7, 3)[:, 0].tolist() == [END] * 3


def test_padding_and_start_are_not_written_though_they_score_highest():
    model = a_decoder(2)
    model.output.bias[[PADDING, START]] = 100.0
    for words in (greedy(model, draw(2, 4), 6).words, beam_search(model, draw(2, 4), 6, 3)):
        check_form(words, 6)
