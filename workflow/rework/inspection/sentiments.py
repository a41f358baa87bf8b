"""What a trained network thinks of new texts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from rework.datasets.plain_words import numbered, padded, plain_words
from rework.errors import ConfigError
from rework.models.sentiment_lstm import SentimentLSTM


@dataclass(frozen=True)
class Judgement:
    """What a network thinks of a text.

    Attributes:
        read: the words that it read, in order.
        unknown: the words that its vocabulary lacks, each once; they are left out.
        unread: how many known words stood behind the last one that it reads.
        positive: the probability that the text is positive.
    """

    read: tuple[str, ...]
    unknown: tuple[str, ...]
    unread: int
    positive: float

    @property
    def label(self) -> str:
        """The more probable of the two."""
        return "positive" if self.positive > 0.5 else "negative"


def judge(model: SentimentLSTM, vocabulary: Sequence[str], texts: Sequence[str]) -> list[Judgement]:
    """Let a network judge each text by itself, cleaned as its training texts were.

    Args:
        model: the network, in evaluation mode.
        vocabulary: its words, numbered from 1 in this order.
        texts: any texts.

    Raises:
        ConfigError: a text has no word that the network knows.
    """
    numbers, (length,) = numbered(vocabulary), model.input_shape
    found: list[Judgement] = []
    for text in texts:
        words = plain_words(text)
        known = [word for word in words if word in numbers]
        if not known:
            raise ConfigError(f"{text[:60]!r}: has no word that the network knows; expected English text")
        row = torch.from_numpy(padded([numbers[word] for word in known], length)[np.newaxis])
        with torch.inference_mode():
            log_odds, _, _ = model(row, *model.start(1))
        unknown = tuple(dict.fromkeys(word for word in words if word not in numbers))
        read = tuple(known[:length])
        found.append(Judgement(read, unknown, len(known) - len(read), float(log_odds.sigmoid())))
    return found
