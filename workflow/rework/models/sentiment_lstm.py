"""The network of course-notes, section 6: embedded words, an LSTM, and one number that says how positive a text is."""

import torch
from torch import Tensor, nn

from rework.settings.ranges import Count, Dropout, Few, Units


class SentimentLSTM(nn.Module):
    """Reads the numbers of a text's words, and judges the text by the LSTM's last output.

    The course's network ends with a sigmoid and trains with the cross-entropy of its result; this one returns what the
    sigmoid would read, whose cross-entropy is the same and does not overflow.

    Args:
        length: words of a text, with the padding in front.
        words: numbers of words, from 0 for the padding.
        embedding: size of an embedded word.
        hidden: size of the state of each layer.
        layers: of the LSTM.
        between: probability of dropout between the layers.
        dropout: likewise, on what the output layer reads.
    """

    def __init__(
        self, length: int, words: int, embedding: int, hidden: int, layers: int, between: float, dropout: float
    ) -> None:
        super().__init__()
        self.input_shape = (length,)
        self.words = words
        self.embedding = nn.Embedding(words, embedding)
        self.lstm = nn.LSTM(embedding, hidden, layers, dropout=between if layers > 1 else 0.0, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden, 1)

    def start(self, texts: int) -> tuple[Tensor, Tensor]:
        """Return the hidden and the cell state before a word was read, float layers x texts x hidden each."""
        zeros = self.output.weight.new_zeros(self.lstm.num_layers, texts, self.lstm.hidden_size)
        return zeros, zeros

    def forward(self, texts: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the log odds of a positive text, float N, and both states after it.

        Args:
            texts: numbers of words, int32 or int64 N x length.
            hidden: the hidden states to begin with, float layers x N x hidden.
            cell: likewise, the cell states.
        """
        outputs, (hidden, cell) = self.lstm(self.embedding(texts), (hidden, cell))
        log_odds: Tensor = self.output(self.dropout(outputs[:, -1])).squeeze(1)
        return log_odds, hidden, cell

    def example_arguments(self, example: Tensor) -> tuple[Tensor, ...]:
        """Return the arguments to call the model with for one text of padding."""
        return (example.to(torch.int64), *self.start(len(example)))


def build(
    *,
    words: Count,
    length: Count = 200,
    embedding: Units = 400,
    hidden: Units = 256,
    layers: Few = 2,
    between: Dropout = 0.5,
    dropout: Dropout = 0.3,
) -> SentimentLSTM:
    """Return the network for texts of ``length`` words out of a vocabulary of ``words``, with the padding."""
    return SentimentLSTM(length, words, embedding, hidden, layers, between, dropout)
