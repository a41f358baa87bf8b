"""Scores of the caption decoders: the curve that the writeup shows, and all scores with intervals."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.fashion_captions.caption_results import TestPictures, scores, test_pictures
from rework.artefacts.measures import measures
from rework.artefacts.named_things import option_place
from rework.artefacts.needs import needs
from rework.artefacts.recipes.learning_curves import learning_curve
from rework.artefacts.result import Built, Column, Measured, Table
from rework.errors import ConfigError
from rework.evaluation.bootstrap import difference_interval, mean_interval
from rework.evaluation.captions import ORDERS, signatures
from rework.evaluation.contents import is_right
from rework.evaluation.statistics import estimate
from rework.messages import plural, with_blanks
from rework.settings.artefact import RunReference
from rework.settings.ranges import Count


@measures(validation_bleu4=("epoch-{epochs}",))
@needs(runs=1, trained="captions")
def bleu_curve(context: ArtefactContext, *, epochs: tuple[Count, ...]) -> Built:
    """Return the curve of the validation BLEU-4 of the artefact's run, and measure it after some ``epochs``."""
    run = context.settings.runs[0]
    by_seed = context.over_epochs(run, "validation_bleu4")
    if max(epochs) > by_seed.shape[1]:
        raise ConfigError(
            f"{option_place(context, 'epochs')}: {max(epochs)}, but run {run.run} has "
            f"{plural(by_seed.shape[1], 'epoch')}"
        )
    values = [
        Measured(
            f"epoch-{epoch}",
            "validation_bleu4",
            f"{run.label}, after epoch {epoch}",
            estimate([float(value) for value in by_seed[:, epoch - 1]]),
            run.seeds,
        )
        for epoch in epochs
    ]
    return replace(learning_curve(context, column="validation_bleu4"), values=tuple(values))


@needs(runs=(1, ...), trained="captions", same_data=True)
def caption_scores(context: ArtefactContext, *, resamples: Count) -> Built:
    """Return every score of every run, and the difference of each later run to the first with its interval.

    Args:
        context: the artefact; its first run is the one without attention.
        resamples: how many resamples the bootstrap intervals come from.
    """
    pictures, runs = test_pictures(context), context.settings.runs
    random = context.random_numbers()
    found = {run.run: scores(context, run) for run in runs}
    rows = [_row(context, run, pictures, mean_interval(found[run.run], resamples, random)) for run in runs]
    plain = runs[0].run
    differences = {}
    for run, row in zip(runs[1:], rows[1:], strict=True):
        low, high = difference_interval(found[run.run], found[plain], resamples, random)
        mean = float(found[run.run].mean() - found[plain].mean())
        differences[run.run] = {"label": run.label, "mean": mean, "low": low, "high": high}
        row["difference"] = f"{mean:+.3f} ({low:+.3f} to {high:+.3f})"
    data = pd.DataFrame(rows)
    known = any(pictures.contents)
    first = context.predictions(plain, runs[0].seeds[0])["captions"].tolist()
    signature = signatures(first, pictures.references)
    return Built(
        caption=(
            f"Scores on {len(pictures.names)} test pictures, means over the seeds. Mean sentence BLEU-4 is what the "
            "writeup publishes: the mean over pictures of the BLEU of one caption against all references, without "
            "smoothing, so that a caption without four words in a row in common counts 0; the share of these is in a "
            f"column of its own. The intervals are 95 % percentile intervals of {with_blanks(resamples)} resamples of "
            f"pictures and seeds; a difference to {runs[0].label} takes the same pictures for both. Corpus BLEU counts "
            f"matches over all captions before it forms precisions (sacrebleu, {signature['bleu4']}; chrF: "
            f"{signature['chrf']})."
            + (" Right: the share of captions that name something in the picture and nothing else." if known else "")
        ),
        data=data,
        table=_table(data, known),
        facts={
            "differences": differences,
            "seeds": min(len(run.seeds) for run in runs),
            "pictures": len(pictures.names),
            "bleu4": {row["key"]: row["bleu4"] for row in rows},
            "corpus": {row["key"]: row["corpus_bleu4"] for row in rows},
            "right": {row["key"]: row["right"] for row in rows} if known else {},
        },
    )


def _row(
    context: ArtefactContext, run: RunReference, pictures: TestPictures, interval: tuple[float, float]
) -> dict[str, Any]:
    def mean(metric: str) -> float:
        return context.estimate(run.run, metric).mean

    low, high = interval
    row: dict[str, Any] = {"key": run.run, "run": run.label, "bleu4": mean("test_bleu4")}
    row |= {"low": low, "high": high, "interval": f"{low:.3f}–{high:.3f}", "difference": "–"}
    row |= {"beam_bleu4": mean("test_beam_bleu4")}
    row |= {f"corpus_bleu{order}": mean(f"test_corpus_bleu{order}") for order in ORDERS}
    row |= {"chrf": mean("test_chrf"), "zero_share": mean("test_zero_share")}
    row |= {"right": _right_share(context, run, pictures), "seeds": len(run.seeds)}
    return row


def _right_share(context: ArtefactContext, run: RunReference, pictures: TestPictures) -> float | None:
    """Return the share of captions that are right about what is there, or None where nobody knows it."""
    if not any(pictures.contents):
        return None
    shares: list[float] = []
    for seed in run.seeds:
        captions: Sequence[str] = context.predictions(run.run, seed)["captions"].tolist()
        right = [is_right(text.split(), there) for text, there in zip(captions, pictures.contents, strict=True)]
        shares.append(float(np.mean(right)))
    return float(np.mean(shares))


def _table(data: pd.DataFrame, known: bool) -> Table:
    columns = [
        Column("run", "decoder"),
        Column("bleu4", "mean sentence BLEU-4", "right", decimals=3),
        Column("interval", "95 % interval", "right"),
        Column("difference", "difference to the first", "right"),
        Column("beam_bleu4", "with beam search", "right", decimals=3),
        *(Column(f"corpus_bleu{order}", f"corpus BLEU-{order}", "right", decimals=3) for order in ORDERS),
        Column("chrf", "chrF", "right", decimals=3),
        Column("zero_share", "BLEU-4 of 0", "right", "%", 1),
    ]
    if known:
        columns.append(Column("right", "right", "right", "%", 1))
    return Table.of(data, *columns, Column("seeds", "seeds", "right"))
