"""The caption decoder of exercise 3.1.a (fashion-captions): an LSTM that sees the picture only in its first state."""

from rework.models.captions import CaptionDecoder
from rework.settings.ranges import Count, Dropout, Grid, Units


def build(
    *,
    vocabulary: Count | None = None,
    grid: Grid = 16,
    embedding: Units = 100,
    hidden: Units = 256,
    dropout: Dropout = 0.5,
) -> CaptionDecoder:
    """Return the decoder for pictures of grid × grid positions; ``vocabulary`` is that of the data set."""
    return CaptionDecoder(vocabulary, grid * grid, embedding, hidden, dropout, seen=0)
