"""A recurrent cell that reads symbols and says at the end which of them was marked (course-notes, 5.2 and 5.3)."""

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rework.models.recurrent_cells import CELLS
from rework.settings.ranges import Count, Units


class RecallNetwork(nn.Module):
    """One-hot symbols with a mark, a recurrent cell, and a linear layer on its last output.

    Args:
        cell: a key of ``CELLS``.
        symbols: how many there are; None, which a data set would have replaced, is refused with a ``ValueError``.
        hidden: numbers in the cell's state.
    """

    input_shape = (1,)  # for a description; it reads sequences of any length

    def __init__(self, cell: str, symbols: int | None, hidden: int) -> None:
        super().__init__()
        if symbols is None:
            raise ValueError("vocabulary: expected the number of symbols, which no data set gives here")
        self.symbols = symbols
        self.cell = CELLS[cell](symbols + 1, hidden)
        self.output = nn.Linear(hidden, symbols)

    def forward(self, sequences: Tensor) -> Tensor:
        """Return the logits of the marked symbol, float N x symbols.

        Args:
            sequences: N x T whole numbers, those of symbols, and ``symbols`` more where a symbol is marked.
        """
        numbers = sequences.to(torch.int64)
        seen = F.one_hot(numbers % self.symbols, self.symbols)
        marked = (numbers >= self.symbols).unsqueeze(2)
        outputs, _ = self.cell(torch.cat([seen, marked], dim=2).to(self.output.weight.dtype))
        logits: Tensor = self.output(outputs[:, -1])
        return logits


def build(
    *, cell: Literal["rnn", "lstm", "gru", "peephole"], hidden: Units = 32, vocabulary: Count | None = None
) -> RecallNetwork:
    """Return the network for the symbols of a data set, whose number is ``vocabulary``."""
    return RecallNetwork(cell, vocabulary, hidden)
