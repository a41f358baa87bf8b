"""Text that a language model of characters writes: each character is drawn from the likeliest ones."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from rework.models.char_lstm import CharLSTM


def likeliest(logits: NDArray[np.float64], top: int, temperature: float) -> NDArray[np.float64]:
    """Return the probability with which each character is drawn, float characters.

    Only the ``top`` likeliest are drawn, of equals the first. A temperature of 1 leaves the ratios of their
    probabilities as the model has them, and a lower one prefers the likelier ones more.

    >>> likeliest(np.log([0.1, 0.6, 0.3]), top=2, temperature=1.0).round(3).tolist()
    [0.0, 0.667, 0.333]
    """
    kept = np.argsort(-logits, kind="stable")[:top]
    weights = np.exp((logits[kept] - logits[kept[0]]) / temperature)
    probabilities = np.zeros(len(logits))
    probabilities[kept] = weights / weights.sum()
    return probabilities


def continue_text(
    model: CharLSTM,
    alphabet: Sequence[str],
    start: str,
    length: int,
    *,
    top: int,
    temperature: float,
    generator: np.random.Generator,
) -> str:
    """Return the text that a model writes after a start, which it reads first from states of zeros.

    Args:
        model: in evaluation mode, on the CPU.
        alphabet: its characters, in the order of their numbers.
        start: characters of the alphabet, at least one.
        length: characters to be written.
        top: from how many of the likeliest characters each is drawn.
        temperature: see ``likeliest``.
        generator: decides which is drawn.
    """
    numbers = {character: number for number, character in enumerate(alphabet)}
    read = torch.tensor([[numbers[character] for character in start]])
    written: list[str] = []
    states = model.start(1)
    with torch.inference_mode():
        for _ in range(length):
            logits, *states = model(read, *states)
            chances = likeliest(logits[0, -1].double().numpy(), top, temperature)
            drawn = int(generator.choice(len(chances), p=chances))
            written.append(alphabet[drawn])
            read = torch.tensor([[drawn]])
    return "".join(written)
