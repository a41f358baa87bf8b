"""A caption decoder with additive attention, which exercise 3.1.b asks for and the writeup's listing does not compute.

Source: Bahdanau, Cho and Bengio, Neural Machine Translation by Jointly Learning to Align and Translate, ICLR 2015; over
the positions of a picture: Xu et al., Show, Attend and Tell, ICML 2015.
"""

from torch import Tensor

from rework.models.caption_encoder import CHANNELS
from rework.models.captions import ScoringDecoder, State
from rework.settings.ranges import Count, Dropout, Grid, Units


class AttentionDecoder(ScoringDecoder):
    """Weights the positions anew for each word, and lets the LSTM read the weighted mean of their features."""

    def project(self, features: Tensor) -> Tensor:
        """Return the projected features, float B x positions x attention."""
        projected: Tensor = self.encoder_projection(features)
        return projected

    def look(self, projected: Tensor, features: Tensor, state: State) -> tuple[Tensor, Tensor]:
        """Return the features' weighted mean (float B x channels) and the attention, the weights, which sum to 1."""
        joined = (projected + self.decoder_projection(state.hidden).unsqueeze(1)).relu()
        attention = self.score(joined).squeeze(2).softmax(dim=1)
        return (attention.unsqueeze(1) @ features).squeeze(1), attention


def build(
    *,
    vocabulary: Count | None = None,
    grid: Grid = 16,
    embedding: Units = 100,
    hidden: Units = 256,
    attention: Units = 100,
    dropout: Dropout = 0.5,
) -> AttentionDecoder:
    """Return the decoder for pictures of grid × grid positions; ``vocabulary`` is that of the data set."""
    return AttentionDecoder(vocabulary, grid * grid, embedding, hidden, attention, dropout, seen=CHANNELS)
