"""Writing captions with a trained decoder: the best word at each place, or the best sentence of a beam."""

from dataclasses import dataclass

import torch
from torch import Tensor

from rework.datasets.vocabulary import END, PADDING, START
from rework.models.captions import CaptionDecoder

# Never written: a sentence has one start, and padding is no word. The unknown word may be written, as in the course.
_FORBIDDEN = (PADDING, START)


@dataclass(frozen=True)
class Written:
    """Captions of B pictures.

    Attributes:
        words: numbers of the words without the start, int64 B x T; after the end, padding.
        attention: of each word, float B x T x positions, or without positions for a decoder that has none.
    """

    words: Tensor
    attention: Tensor


def greedy(model: CaptionDecoder, features: Tensor, longest: int) -> Written:
    """Take the likeliest word at each place, at most ``longest`` words with the end.

    Args:
        model: in evaluation mode.
        features: float B x positions x channels.
        longest: how many words are written at most.
    """
    state, projected = model.start(features), model.project(features)
    words = torch.full((len(features),), START, device=features.device)
    ended = torch.zeros_like(words, dtype=torch.bool)
    written, maps = [], []
    for _ in range(longest):
        scores, attention, state = model.step(words, projected, features, state)
        scores[:, _FORBIDDEN] = -torch.inf
        words = scores.argmax(dim=1).masked_fill(ended, PADDING)
        written.append(words)
        maps.append(attention)
        ended = ended | (words == END)
        if bool(ended.all()):
            break
    return Written(torch.stack(written, dim=1), torch.stack(maps, dim=1))


def beam_search(model: CaptionDecoder, features: Tensor, longest: int, width: int) -> Tensor:
    """Return the likeliest sentence of a beam of ``width``, int64 B x T, without the start and padded.

    At each place, the ``width`` likeliest beginnings are kept; a sentence that has ended stays among them with the
    log-probability that it has. Sentences are not favoured for their length. A beam of width 1 is ``greedy``.
    """
    pictures, size = len(features), model.vocabulary
    state, projected = model.start(features), model.project(features)
    rows = torch.arange(pictures, device=features.device).repeat_interleave(width)
    state = state.of(rows)
    words = torch.full((pictures * width,), START, device=features.device)
    sentences = words.new_empty(pictures * width, 0)
    # At first all beginnings of a picture are equal; only one of them may continue.
    totals = features.new_full((pictures, width), -torch.inf)
    totals[:, 0] = 0
    ended = torch.zeros_like(words, dtype=torch.bool)
    only_padding = features.new_full((size,), -torch.inf)
    only_padding[PADDING] = 0
    for _ in range(longest):
        scores, _, state = model.step(words, projected[rows], features[rows], state)
        scores[:, _FORBIDDEN] = -torch.inf
        further = torch.where(ended.unsqueeze(1), only_padding, scores.log_softmax(dim=1))
        candidates = (totals.unsqueeze(2) + further.view(pictures, width, size)).flatten(1)
        totals, best = candidates.topk(width, dim=1)
        kept = (best // size + width * torch.arange(pictures, device=best.device).unsqueeze(1)).flatten()
        words = (best % size).flatten()
        sentences = torch.cat([sentences[kept], words.unsqueeze(1)], dim=1)
        state, ended = state.of(kept), ended[kept] | (words == END)
        if bool(ended.all()):
            break
    return sentences.view(pictures, width, -1)[:, 0]
