"""The autoencoder of handwritten characters: loss, reconstructions and PSNR (Q5)."""

import numpy as np
import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import per_epoch
from rework.artefacts.measures import measures
from rework.artefacts.named_things import class_number
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Measured
from rework.artefacts.sentences import seeds
from rework.drawing.curves import Curve, curve_plot
from rework.drawing.example_pictures import titled_pictures
from rework.evaluation.statistics import estimate
from rework.settings.ranges import Whole

_DRAWN = {
    False: "Each epoch visits each picture once.",
    True: (
        "The batches of all epochs are the same, drawn before the first of them with replacement, as the author draws "
        "them: some pictures are in several, and more than a third in none."
    ),
}


@measures("train_loss_epoch_{epoch}")
@needs(runs=1, trained="numpy-autoencoder")
def autoencoder_loss(context: ArtefactContext, *, epoch: Whole) -> Built:
    """Return the squared error on the training pictures over epochs, summed over all pictures as in the writeup."""
    run = context.settings.runs[0]
    pictures = context.count(run.run, "train_loss")
    by_seed = context.over_epochs(run, "train_loss") * pictures
    chosen = min(epoch, by_seed.shape[1] - 1)
    model = context.provenance(run.run, run.seeds[0])["settings"]["model"]["parameters"]
    drawn = model.get("batches") == "drawn-once"
    found = estimate([float(value) for value in by_seed[:, chosen]])
    return Built(
        caption=(
            f"Squared error of as many pictures together as there are for training, {pictures}, over {run.epochs} "
            f"epochs, as it was met on the way; {seeds(run)}. {_DRAWN[drawn]} It falls from "
            f"{by_seed[:, 0].mean():.0f} to {by_seed[:, -1].mean():.0f}, that is to "
            f"{by_seed[:, -1].mean() / pictures:.2f} a picture. The writeup counts "
            f"its epochs from 0, so its epoch {chosen} is number {chosen + 1} of these."
        ),
        alt="Line plot of the squared error over epochs, falling quickly first and slowly later",
        data=per_epoch(by_seed, run.seeds),
        values=(
            Measured(run.run, f"train_loss_epoch_{epoch}", f"squared error of epoch {chosen}", found, run.seeds, ""),
        ),
        figure=curve_plot([Curve(run.label, by_seed)], "squared error of an epoch"),
        facts={"pictures": pictures, "epoch": chosen, "per_picture": found.mean / pictures},
    )


@needs(runs=1, trained="numpy-autoencoder")
def reconstructions(context: ArtefactContext, *, classes: tuple[str, ...]) -> Built:
    """Return two validation pictures of each of ``classes``, and their reconstructions."""
    run = context.settings.runs[0]
    dataset = context.dataset(run.dataset)
    numbers = [class_number(context, "classes", dataset.classes, name) for name in classes]
    stored = context.predictions(run.run, run.seeds[0])
    split = dataset.splits["validation"]
    labels = np.asarray(split.targets)[stored["examples"]]
    places = [place for number in numbers for place in np.flatnonzero(labels == number)]
    shape = split.inputs.shape[1:]
    originals = [np.asarray(split.inputs[int(stored["examples"][place])]) for place in places]
    returned = [np.rint(stored["reconstructions"][place] * 255).astype(np.uint8).reshape(shape) for place in places]
    names = [dataset.classes[int(labels[place])] for place in places]
    errors = [
        float((((original / 255.0) - (other / 255.0)) ** 2).sum())
        for original, other in zip(originals, returned, strict=True)
    ]
    return Built(
        caption=(
            f"Validation pictures (above) and what the autoencoder of seed {run.seeds[0]} makes of them (below): the "
            f"first two of each of {len(classes)} classes. Their squared errors go from {min(errors):.1f} to "
            f"{max(errors):.1f}."
        ),
        alt="Two rows of handwritten characters: originals, and blurred reconstructions below them",
        data=pd.DataFrame({"class": names, "squared error": errors}),
        figure=titled_pictures([*originals, *returned], [*names, *[""] * len(names)], columns=len(names)),
        facts={"least": min(errors), "greatest": max(errors)},
    )


@measures("psnr")
@needs(runs=1, trained="numpy-autoencoder")
def psnr(context: ArtefactContext) -> Built:
    """Return the mean peak signal-to-noise ratio of the validation pictures."""
    run = context.settings.runs[0]
    found = context.estimate(run.run, "psnr")
    return Built(
        caption=(
            f"Mean peak signal-to-noise ratio of the {context.count(run.run, 'psnr')} validation pictures after "
            f"{run.length}, by scikit-image with a range of 1."
        ),
        data=pd.DataFrame({"seed": run.seeds, "psnr": found.values}),
        values=(Measured(run.run, "psnr", "mean PSNR", found, run.seeds, "dB"),),
        facts={"mean": found.mean},
    )
