"""The log of the numpy classifier's training, as the writeup prints it (figure 16)."""

import numpy as np
import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.named_things import option_place
from rework.artefacts.needs import needs
from rework.artefacts.quantities import Metric
from rework.artefacts.recipes.learning_curves import last_epoch, last_epoch_words
from rework.artefacts.result import Built, Column, Measured, Table
from rework.artefacts.sentences import seeds
from rework.errors import ConfigError
from rework.evaluation.statistics import estimate
from rework.settings.artefact import RunReference
from rework.settings.ranges import Few, NotNegative, Share


@measures("validation_accuracy", "test_accuracy", "train_accuracy", "train_loss")
@needs(runs=1, trained="numpy-classifier")
def training_log(context: ArtefactContext, *, lines: Few, published: tuple[tuple[NotNegative, Share], ...]) -> Built:
    """Return the last lines of the log, every second one, beside those that the writeup prints.

    The loss in the writeup's log is summed within each batch and averaged over batches.

    Args:
        context: the artefact.
        lines: how many lines to show.
        published: loss and accuracy of the writeup's lines, the last one last.
    """
    run = context.settings.runs[0]
    per_batch = _examples_per_batch(context, run)
    epochs = np.arange(run.epochs - 1, 0, -2)[:lines][::-1]
    shown = {"loss": "train_loss", "accuracy": "train_accuracy", "validation": "validation_accuracy"}
    means = {name: context.over_epochs(run, column).mean(axis=0)[epochs - 1] for name, column in shown.items()}
    if len(published) < len(epochs):
        raise ConfigError(
            f"{option_place(context, 'published')}: found {len(published)}, expected one for each of {len(epochs)}"
        )
    theirs = np.asarray(published, np.float64)[-len(epochs) :]
    beside = {"published_loss": theirs[:, 0], "published_accuracy": theirs[:, 1]}
    data = pd.DataFrame({"epoch": epochs, **means, "loss": means["loss"] * per_batch, **beside})
    final = [value * per_batch for value in last_epoch(context, run, "train_loss").values]
    values = [
        Measured(run.run, name, Metric.of(name).words, context.estimate(run.run, name), run.seeds, "%")
        for name in ("validation_accuracy", "test_accuracy")
    ]
    accuracy = Metric.of("train_accuracy")
    of_training = last_epoch(context, run, accuracy.name)
    label = "training loss of a batch in the last epoch"
    values += [
        Measured(run.run, accuracy.name, last_epoch_words(accuracy), of_training, run.seeds, "%"),
        Measured(run.run, "train_loss", label, estimate(final), run.seeds, "nats"),
    ]
    return Built(
        caption=(
            f"The end of the log of {run.epochs} epochs, every second one, means over {seeds(run)}. As in the "
            f"writeup the loss is summed over the examples of a batch ({per_batch:.1f} on average) and averaged over "
            "batches."
        ),
        data=data,
        values=tuple(values),
        table=Table.of(
            data,
            Column("epoch", "epoch", "right"),
            Column("published_loss", "loss of a batch, as published", "right", decimals=2),
            Column("loss", "in this build, nats", "right", decimals=2),
            Column("published_accuracy", "training accuracy, as published", "right", "%", 0),
            Column("accuracy", "in this build", "right", "%", 1),
            Column("validation", "validation accuracy", "right", "%", 1),
        ),
        facts={"per_batch": per_batch, "final_loss": float(np.mean(final))},
    )


def _examples_per_batch(context: ArtefactContext, run: RunReference) -> float:
    """Return the mean number of examples in a batch."""
    provenance = context.provenance(run.run, run.seeds[0])
    batches = provenance["steps"] / run.epochs
    drawn = provenance["settings"]["model"]["parameters"].get("batches") == "drawn-once"
    size = provenance["settings"]["batch_size"]
    examples = context.metrics(run.run, run.seeds[0])["metrics"]["train_accuracy"]["n"]
    return float(size if drawn else examples / batches)
