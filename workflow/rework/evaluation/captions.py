"""How well captions agree with the ones that people wrote, by sacrebleu.

Two things are called BLEU-4. The **mean sentence BLEU** is what the course's code computes and the writeup publishes:
the BLEU of each caption against all captions of its picture, without smoothing, so that a caption that shares no four
words in a row with any of them counts 0; then the mean over pictures. **Corpus BLEU** is the BLEU of its inventors:
matches are counted over all captions before the precisions are formed.

Source: Papineni, Roukos, Ward and Zhu, BLEU: a Method for Automatic Evaluation of Machine Translation, ACL 2002; Post,
A Call for Clarity in Reporting BLEU Scores, WMT 2018 (sacrebleu).
"""

import itertools
from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

ORDERS = (1, 2, 3, 4)


def sentence_bleu(captions: Sequence[str], references: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """Return the BLEU-4 of each caption against all references of its picture, without smoothing, shape (N,), 0 to 1.

    Args:
        captions: words joined by blanks.
        references: those of each picture, in the same form.

    >>> sentence_bleu(["a ship on a river", "a ship"], [["a ship on a river", "one ship"], ["two ships on a river"]])
    array([1., 0.])
    """
    metric = _bleu(4)
    pairs = zip(captions, references, strict=True)
    return np.array([_share(metric.corpus_score([caption], _streams([given])).score) for caption, given in pairs])


def corpus_scores(captions: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return corpus BLEU-1 to BLEU-4 and chrF, all from 0 to 1: ``bleu1`` to ``bleu4`` and ``chrf``."""
    streams = _streams(references)
    found = {f"bleu{order}": _share(_bleu(order).corpus_score(captions, streams).score) for order in ORDERS}
    return {**found, "chrf": _share(CHRF().corpus_score(captions, streams).score)}


def signatures(captions: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return sacrebleu's own description of how corpus BLEU-4 and chrF are computed: ``bleu4`` and ``chrf``."""
    streams, found = _streams(references), {}
    for name, metric in (("bleu4", _bleu(4)), ("chrf", CHRF())):
        metric.corpus_score(captions, streams)
        found[name] = str(metric.get_signature())
    return found


def _share(score: float) -> float:
    return min(score / 100, 1.0)  # rounding takes a perfect score above 100


def _bleu(order: int) -> BLEU:
    return BLEU(smooth_method="none", tokenize="none", max_ngram_order=order, force=True)


def _streams(references: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """Return references in sacrebleu's form: a list for each place, with a reference or None for each picture."""
    streams = itertools.zip_longest(*references)
    return cast("Sequence[Sequence[str]]", [list(stream) for stream in streams])
