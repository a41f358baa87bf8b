"""The recurrent cells of course-notes, sections 5.2 and 5.3: torch's own, and an LSTM with peepholes."""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class PeepholeLSTM(nn.Module):
    """An LSTM whose gates also see the long-term memory, each number of it through a weight of its own.

    With peepholes of zero it computes what ``torch.nn.LSTM`` does. The notes' four gates, with the event x and the
    short-term memory h in each square bracket, and the long-term memory c:

    - forget gate: f = sigmoid(W_f [x, h] + b_f + p_f c), which keeps f c;
    - learn gate: n = tanh(W_n [x, h] + b_n), of which i = sigmoid(W_i [x, h] + b_i + p_i c) lets i n through;
    - remember gate: c' = f c + i n, the new long-term memory;
    - use gate: v = sigmoid(W_v [x, h] + b_v + p_v c'), and h' = v tanh(c') is the output and the new short-term memory.

    Source of the peepholes: Gers and Schmidhuber, Recurrent nets that time and count, IJCNN 2000.

    Args:
        inputs: numbers in an event.
        hidden: numbers in either memory.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        # In torch's order: let through (i), forget (f), learn (n), use (v).
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden, inputs))
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden, hidden))
        self.bias_ih = nn.Parameter(torch.empty(4 * hidden))
        self.bias_hh = nn.Parameter(torch.empty(4 * hidden))
        self.peepholes = nn.Parameter(torch.empty(3, hidden))  # of i, f and v
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(hidden**-0.5), hidden**-0.5)

    def forward(self, events: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return the outputs, float N x T x hidden, and both memories at the end, float N x hidden each.

        Args:
            events: float N x T x inputs; both memories start with zeros.
        """
        short = long = events.new_zeros(len(events), self.hidden)
        through_i, through_f, through_v = self.peepholes
        outputs = []
        for event in F.linear(events, self.weight_ih, self.bias_ih + self.bias_hh).unbind(1):
            gates = torch.addmm(event, short, self.weight_hh.t())
            let, forget, learn, use = gates.chunk(4, dim=1)
            kept = torch.sigmoid(torch.addcmul(forget, through_f, long)) * long
            learnt = torch.sigmoid(torch.addcmul(let, through_i, long)) * torch.tanh(learn)
            long = kept + learnt
            short = torch.sigmoid(torch.addcmul(use, through_v, long)) * torch.tanh(long)
            outputs.append(short)
        return torch.stack(outputs, dim=1), (short, long)


CELLS: Mapping[str, Callable[[int, int], nn.Module]] = {
    "rnn": lambda inputs, hidden: nn.RNN(inputs, hidden, batch_first=True),
    "lstm": lambda inputs, hidden: nn.LSTM(inputs, hidden, batch_first=True),
    "gru": lambda inputs, hidden: nn.GRU(inputs, hidden, batch_first=True),
    "peephole": PeepholeLSTM,
}
"""Each takes numbers of inputs and of hidden units; it reads N x T x inputs and returns N x T x hidden and a state."""
