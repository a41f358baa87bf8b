"""The caption decoder with "attention" exactly as the writeup lists it (fashion-captions, exercise 3.1.b).

The listing joins the projected positions of the picture and as many copies of the projected state one after another,
scores all of them, and hands the softmax of these scores to the LSTM. No feature is weighted by it: what the LSTM reads
are the scores themselves, half of them equal. Twice the number of positions must be the number of channels, or the
course's decoder, which expects a weighted feature, could not read it; with 256 positions and 512 channels it is.
"""

import torch
from torch import Tensor

from rework.models.captions import ScoringDecoder, State
from rework.settings.ranges import Count, Dropout, Grid, Units


class JoinedScoresDecoder(ScoringDecoder):
    """Lets the LSTM read the softmax over one score for each position and as many copies of one for the state."""

    def project(self, features: Tensor) -> Tensor:
        """Return the score of each position, float B x positions, which no word changes."""
        scores: Tensor = self.score(self.encoder_projection(features).relu()).squeeze(2)
        return scores

    def look(self, projected: Tensor, features: Tensor, state: State) -> tuple[Tensor, Tensor]:
        """Return the softmax over all scores, float B x 2 positions; there is no attention over positions alone."""
        own = self.score(self.decoder_projection(state.hidden).relu())
        joined = torch.cat([projected, own.expand_as(projected)], dim=1)
        return joined.softmax(dim=1), features.new_empty(len(features), 0)


def build(
    *,
    vocabulary: Count | None = None,
    grid: Grid = 16,
    embedding: Units = 100,
    hidden: Units = 256,
    attention: Units = 100,
    dropout: Dropout = 0.5,
) -> JoinedScoresDecoder:
    """Return the decoder for pictures of grid × grid positions; ``vocabulary`` is that of the data set."""
    return JoinedScoresDecoder(vocabulary, grid * grid, embedding, hidden, attention, dropout, seen=2 * grid * grid)
