"""The character-level language model of course-notes, section 5.4: one-hot characters, an LSTM, a linear layer."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rework.settings.ranges import Count, Dropout, Few, Units


class CharLSTM(nn.Module):
    """Reads characters and, after each, scores all characters that may come next.

    Args:
        vocabulary: number of characters; None, which a data set would have replaced, is refused with a ``ValueError``.
        hidden: size of the state of each layer.
        layers: of the LSTM.
        dropout: probability of dropout between the layers, and on what the linear layer reads.
    """

    input_shape = (1,)  # for a description; it reads texts of any length

    def __init__(self, vocabulary: int | None, hidden: int, layers: int, dropout: float) -> None:
        super().__init__()
        if vocabulary is None:
            raise ValueError("vocabulary: expected the number of characters, which no data set gives here")
        self.vocabulary = vocabulary
        self.lstm = nn.LSTM(vocabulary, hidden, layers, dropout=dropout if layers > 1 else 0.0, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden, vocabulary)

    def start(self, rows: int) -> tuple[Tensor, Tensor]:
        """Return the hidden and the cell state before a character was read, float layers x rows x hidden each."""
        zeros = self.output.weight.new_zeros(self.lstm.num_layers, rows, self.lstm.hidden_size)
        return zeros, zeros

    def forward(self, characters: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits of each next character, float N x T x vocabulary, and both states after the last.

        Args:
            characters: numbers of characters, N x T whole numbers.
            hidden: the hidden states to begin with, float layers x N x hidden.
            cell: likewise, the cell states.
        """
        seen = F.one_hot(characters.to(torch.int64), self.vocabulary).to(self.output.weight.dtype)
        outputs, (hidden, cell) = self.lstm(seen, (hidden, cell))
        logits: Tensor = self.output(self.dropout(outputs))
        return logits, hidden, cell

    def example_arguments(self, example: Tensor) -> tuple[Tensor, ...]:
        """Return the arguments to call the model with for one row that consists of one character."""
        return (example, *self.start(len(example)))


def build(*, vocabulary: Count | None = None, hidden: Units = 512, layers: Few = 2, dropout: Dropout = 0.5) -> CharLSTM:
    """Return the network for the characters of a data set, whose number is ``vocabulary``."""
    return CharLSTM(vocabulary, hidden, layers, dropout)
