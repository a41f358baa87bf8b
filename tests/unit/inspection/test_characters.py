"""Text written by a language model: which characters may be drawn how often, and that the states are handed on."""

import numpy as np
import pytest
import torch
from rework.inspection.characters import continue_text, likeliest
from rework.models.char_lstm import CharLSTM

ALPHABET = "abcdef"


@pytest.fixture
def model():
    torch.manual_seed(2)
    return CharLSTM(len(ALPHABET), hidden=7, layers=2, dropout=0.5).eval()


@pytest.mark.parametrize("temperature", [0.2, 1.0, 3.0])
def test_chances_are_those_of_a_softmax_among_the_likeliest(temperature):
    logits = np.array([0.5, -1.0, 2.0, 2.0, 0.0, 1.5])
    chances = likeliest(logits, 3, temperature)
    weights = np.exp(logits / temperature)
    expected = np.where(np.isin(np.arange(6), [2, 3, 5]), weights, 0)
    np.testing.assert_allclose(chances, expected / expected.sum())


def test_large_numbers_do_not_overflow():
    assert likeliest(np.array([5000.0, 4000.0]), 2, 0.1).tolist() == [1.0, 0.0]


def test_of_one_candidate_the_likeliest_character_follows(model):
    written = continue_text(model, ALPHABET, "fa", 12, top=1, temperature=1.0, generator=np.random.default_rng(0))
    text = "fa"
    with torch.no_grad():
        for _ in range(12):
            numbers = torch.tensor([[ALPHABET.index(character) for character in text]])
            text += ALPHABET[int(model(numbers, *model.start(1))[0][0, -1].argmax())]
    assert "fa" + written == text


def test_the_same_numbers_give_the_same_text(model):
    first, second, other = (
        continue_text(model, ALPHABET, "a", 40, top=6, temperature=1.0, generator=np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    assert first == second != other
    assert set(first) <= set(ALPHABET)
