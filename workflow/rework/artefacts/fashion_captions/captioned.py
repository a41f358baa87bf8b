"""Test pictures with the captions of each decoder, and with the attention of each word (exercise 3.1.c)."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.fashion_captions.caption_results import TestPictures, mean_scores, test_pictures
from rework.artefacts.frames import elements
from rework.artefacts.needs import needs
from rework.artefacts.result import Built
from rework.artefacts.sentences import first_seeds
from rework.drawing.captioned_pictures import CaptionedPicture, attention_figure, captions_figure
from rework.settings.ranges import Count, Few

RULES: Mapping[str, str] = {
    "middle": "the picture whose mean score over all decoders is the middle one",
    "attention-ahead": "the picture on which additive attention is farthest ahead of the decoder without",
    "attention-behind": "the picture on which additive attention is farthest behind the decoder without",
}
REFERENCES = "references"
Scores = Mapping[str, NDArray[np.float64]]


@needs(runs=(2, ...), trained="captions", last={"model": "caption-attention"}, same_data=True)
def captioned_picture(
    context: ArtefactContext, *, picture: Count, otherwise: Literal["middle", "attention-ahead", "attention-behind"]
) -> Built:
    """Return a test picture with the caption of each decoder, and what the one with attention looked at.

    Args:
        context: the artefact; its first run has no attention, its last one additive attention.
        picture: the number in the name of the picture, in the data that the writeup used.
        otherwise: which picture to show where those data are not there, by mean scores over the seeds.
    """
    pictures = test_pictures(context)
    scores = mean_scores(context, context.settings.runs)
    asked = _named(pictures, picture)
    place = _by_rule(list(scores.values()), otherwise) if asked is None else asked
    shown = _captioned(context, pictures, scores, place)
    seed = context.settings.runs[-1].seeds[0]
    attention = context.predictions(context.settings.runs[-1].run, seed)["attention"][place]
    side = int(np.sqrt(attention.shape[1]))
    words = dict(shown.captions)[shown.attended].split()
    maps = attention[: len(words)].astype(np.float64).reshape(len(words), side, side)
    instead = "" if asked is not None else f", {RULES[otherwise]}; picture {picture} of Sydney is not among these data"
    return Built(
        caption=(
            f"Test picture {shown.name}{instead}. {first_seeds(context.settings.runs)} In brackets, the BLEU-4 of each "
            "caption and the mean over the seeds. Below, the weights of additive attention for each word that it "
            "writes, laid over the picture, bilinear between the positions."
        ),
        alt=f"Aerial picture {shown.name} beside its captions; below, a map of the attention for {len(words)} words",
        data=elements(
            maps,
            "weight",
            {"word": [f"{place + 1} {word}" for place, word in enumerate(words)], "row": None, "column": None},
        ),
        figure=attention_figure(shown, words, maps),
        facts={
            "name": shown.name,
            "asked": asked is not None,
            "captions": {heading: text for heading, text in shown.captions if heading != REFERENCES},
            "highest": float(maps.max()) if words else None,
            "even": 1 / side**2,
        },
    )


@needs(runs=(1, ...), trained="captions", same_data=True)
def caption_failures(context: ArtefactContext, *, pictures: Few) -> Built:
    """Return the ``pictures`` test pictures with the lowest mean scores over all decoders and seeds."""
    found = test_pictures(context)
    scores = mean_scores(context, context.settings.runs)
    worst = np.argsort(np.mean(list(scores.values()), axis=0), kind="stable")[:pictures]
    shown = [_captioned(context, found, scores, int(place)) for place in worst]
    return Built(
        caption=(
            f"The {len(shown)} of {len(found.names)} test pictures whose captions have the lowest mean score over all "
            f"decoders and seeds. {first_seeds(context.settings.runs)} In brackets, the BLEU-4 of each caption and the "
            "mean over the seeds."
        ),
        alt=f"Aerial pictures {', '.join(item.name for item in shown)}, each beside its captions",
        data=pd.DataFrame(
            [
                {"picture": item.name, "by": heading, "caption": text}
                for item in shown
                for heading, text in item.captions
            ]
        ),
        figure=captions_figure(shown),
        facts={"names": [item.name for item in shown]},
    )


def _named(pictures: TestPictures, number: int) -> int | None:
    """Return the place of the writeup's picture with a number, or None where these are other pictures."""
    stems = [PurePosixPath(name).stem for name in pictures.names]
    return stems.index(str(number)) if pictures.official and str(number) in stems else None


def _by_rule(scores: Sequence[NDArray[np.float64]], rule: str) -> int:
    """Return the place of a picture; of equal ones the first in the split."""
    if rule == "middle":
        order = np.argsort(np.mean(scores, axis=0), kind="stable")
        return int(order[len(order) // 2])
    ahead = scores[-1] - scores[0]
    return int(ahead.argmax() if rule == "attention-ahead" else ahead.argmin())


def _captioned(context: ArtefactContext, pictures: TestPictures, scores: Scores, place: int) -> CaptionedPicture:
    captions = [(REFERENCES, "\n".join(dict.fromkeys(pictures.references[place])))]
    for run in context.settings.runs:
        found = context.predictions(run.run, run.seeds[0])
        score = f"{float(found['bleu4'][place]):.2f}, mean {float(scores[run.run][place]):.2f}"
        captions.append((f"{run.label} [{score}]", str(found["captions"][place])))
    return CaptionedPicture(pictures.thumbnails[place], pictures.names[place], tuple(captions), captions[-1][0])
