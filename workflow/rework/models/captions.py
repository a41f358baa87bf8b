"""The interface of caption decoders: models that write a sentence about a picture, one word after another.

A decoder keeps its hidden and cell state from word to word. They start as two linear maps of the picture's mean
feature; a subclass says what its LSTM reads beside the word. As in the course, dropout is on the embedding and on what
the output layer reads, not on what the LSTM carries on, and the embedding and the output layer start uniform in ±0.1.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rework.models.caption_encoder import CHANNELS
from rework.models.stepwise import StepwiseLinear


@dataclass(frozen=True)
class State:
    """What a decoder carries from word to word: float B x hidden each."""

    hidden: Tensor
    cell: Tensor

    def of(self, rows: Tensor) -> "State":
        """Return the state of some of the sentences."""
        return State(self.hidden[rows], self.cell[rows])


class CaptionDecoder(nn.Module):
    """A decoder whose LSTM reads the embedded word and ``seen`` numbers that ``look`` takes from the picture.

    Args:
        vocabulary: number of words; None, which a data set would have replaced, is refused with a ``ValueError``.
        positions: of a picture's grid.
        embedding, hidden: sizes of an embedded word and of the LSTM's state.
        dropout: probability, on the embedding and on what the output layer reads.
        seen: how many numbers ``look`` returns.
    """

    def __init__(
        self, vocabulary: int | None, positions: int, embedding: int, hidden: int, dropout: float, seen: int
    ) -> None:
        if vocabulary is None:
            raise ValueError("vocabulary: expected the number of words, which no data set gives here")
        super().__init__()
        self.input_shape = (positions, CHANNELS)
        self.vocabulary = vocabulary
        self.seen = seen
        self.start_hidden = nn.Linear(CHANNELS, hidden)
        self.start_cell = nn.Linear(CHANNELS, hidden)
        self.embedding = nn.Embedding(vocabulary, embedding)
        self.lstm = nn.LSTMCell(embedding + seen, hidden)
        self.output = nn.Linear(hidden, vocabulary)
        self.dropout = nn.Dropout(dropout)
        for weight in (self.embedding.weight, self.output.weight):
            nn.init.uniform_(weight, -0.1, 0.1)
        nn.init.zeros_(self.output.bias)

    def start(self, features: Tensor) -> State:
        """Return the state before the first word, from features B x positions x channels."""
        mean = features.mean(dim=1)
        return State(self.start_hidden(mean), self.start_cell(mean))

    def project(self, features: Tensor) -> Tensor:
        """Return what ``look`` needs of the pictures at every word, which is computed once; the features by default."""
        return features

    def look(self, projected: Tensor, features: Tensor, state: State) -> tuple[Tensor, Tensor]:
        """Return what the LSTM reads of the pictures (float B x seen), and the attention (float B x positions).

        A decoder without attention returns two tensors without columns.
        """
        del projected, state
        nothing = features.new_empty(len(features), 0)
        return nothing, nothing

    def step(self, words: Tensor, projected: Tensor, features: Tensor, state: State) -> tuple[Tensor, Tensor, State]:
        """Read one word of each sentence, int64 B, and return the scores of the next, the attention and the state."""
        seen, attention = self.look(projected, features, state)
        read = torch.cat([self.dropout(self.embedding(words)), seen], dim=1)
        hidden, cell = self.lstm(read, (state.hidden, state.cell))
        return self.output(self.dropout(hidden)), attention, State(hidden, cell)

    def forward(self, features: Tensor, words: Tensor) -> Tensor:
        """Return the scores of each next word, float B x T x vocabulary, given the words before (teacher forcing).

        What needs no state is computed for all words at once.

        Args:
            features: float B x positions x channels.
            words: int64 B x T, each sentence from its start on, padded.
        """
        state, projected = self.start(features), self.project(features)
        of_words, of_seen = torch.split(self.lstm.weight_ih, [self.embedding.embedding_dim, self.seen], dim=1)
        from_seen, from_hidden = StepwiseLinear(of_seen), StepwiseLinear(self.lstm.weight_hh)
        given = self.dropout(self.embedding(words)) @ of_words.t() + (self.lstm.bias_ih + self.lstm.bias_hh)
        hidden = []
        for gates in given.unbind(dim=1):
            if self.seen:
                gates = gates + from_seen(self.look(projected, features, state)[0])
            state = _advanced(gates + from_hidden(state.hidden), state)
            hidden.append(state.hidden)
        scores: Tensor = self.output(self.dropout(torch.stack(hidden, dim=1)))
        return scores

    def example_arguments(self, example: Tensor) -> tuple[Tensor, ...]:
        """Return the arguments to call the model with for one picture and one word."""
        return example, torch.zeros(1, 1, dtype=torch.int64, device=example.device)


class ScoringDecoder(CaptionDecoder):
    """A decoder with the three maps of additive attention: of a feature, of the state, and of both to a score.

    Args:
        vocabulary, positions, embedding, hidden, dropout, seen: as for every decoder.
        attention: size of a projected feature and of the projected state.
    """

    def __init__(
        self,
        vocabulary: int | None,
        positions: int,
        embedding: int,
        hidden: int,
        attention: int,
        dropout: float,
        seen: int,
    ) -> None:
        super().__init__(vocabulary, positions, embedding, hidden, dropout, seen)
        self.encoder_projection = nn.Linear(CHANNELS, attention)
        self.decoder_projection = nn.Linear(hidden, attention)
        self.score = nn.Linear(attention, 1)


def _advanced(gates: Tensor, state: State) -> State:
    """Return the state of an LSTM after its gates, in torch's order: input, forget, cell and output, B x 4 hidden."""
    enter, forget, candidate, leave = gates.chunk(4, dim=1)
    cell = forget.sigmoid() * state.cell + enter.sigmoid() * candidate.tanh()
    return State(leave.sigmoid() * cell.tanh(), cell)
