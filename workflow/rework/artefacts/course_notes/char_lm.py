"""The language model of characters (5.4): its losses and perplexities, and what it writes."""

import numpy as np
import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.named_things import option_place
from rework.artefacts.needs import needs
from rework.artefacts.quantities import SPLITS
from rework.artefacts.result import Built, Measured
from rework.artefacts.sentences import mean_of_seeds
from rework.datasets.store import StoredDataset
from rework.drawing.curves import Curve, CurvePanel, curve_panels
from rework.errors import ConfigError
from rework.inspection.characters import continue_text
from rework.messages import sentence_case, with_blanks
from rework.models.char_lstm import CharLSTM
from rework.models.trained import load_trained
from rework.paths import run_dir
from rework.settings.artefact import RunReference
from rework.settings.ranges import Count, Positive
from rework.settings.run import RunSettings
from rework.training.determinism import make_deterministic

BOTH = ("train", "validation")
PANELS = {"loss": "loss (nats a character)", "perplexity": "perplexity"}
MEASURED = {"validation_loss": ("validation loss", "nats"), "validation_perplexity": ("validation perplexity", "")}


@measures("validation_loss", "validation_perplexity")
@needs(runs=1, trained="characters", model="char-lstm")
def char_lm(
    context: ArtefactContext, *, start: str, length: Count, top: Count, temperatures: tuple[Positive, ...]
) -> Built:
    """Return the curves of one run, and passages that its first seed writes.

    Args:
        context: the artefact, with one run.
        start: what the network reads before it writes.
        length: characters of a passage.
        top: from how many of the likeliest characters each is drawn.
        temperatures: of the passages.
    """
    (run,) = context.settings.runs
    dataset = context.dataset(run.dataset)
    if strange := sorted(set(start) - set(dataset.classes)):
        raise ConfigError(
            f"{option_place(context, 'start')}: {', '.join(map(repr, strange[:10]))}: the text of {run.dataset} has no "
            f"such character; it has {''.join(dataset.classes)!r}"
        )
    panels = [
        CurvePanel(tuple(Curve(SPLITS[split], context.over_epochs(run, f"{split}_{name}")) for split in BOTH), label)
        for name, label in PANELS.items()
    ]
    found = {metric: context.estimate(run.run, metric) for metric in MEASURED}
    settings = RunSettings.from_json(context.provenance(run.run, run.seeds[0])["settings"])
    return Built(
        caption=(
            f"{sentence_case(run.label)}: loss of a character and perplexity, its exponential, over {run.epochs} "
            f"epochs ({mean_of_seeds([run])}), for the training as it was met on the way and for the "
            f"{with_blanks(context.count(run.run, 'validation_loss'))} characters of the validation at the end of each "
            "epoch."
        ),
        alt="Line plots of loss and of perplexity over epochs for training and validation of a language model",
        data=_long_form(context, run),
        values=tuple(
            Measured(run.run, metric, f"{run.label}, {words}", found[metric], run.seeds, unit)
            for metric, (words, unit) in MEASURED.items()
        ),
        figure=curve_panels(panels),
        facts={
            "loss": found["validation_loss"].mean,
            "perplexity": found["validation_perplexity"].mean,
            "accuracy": context.estimate(run.run, "validation_accuracy").mean,
            "characters": len(dataset.classes),
            "frequencies": letter_entropy(dataset),
            "precision": settings.precision,
            "seed": run.seeds[0],
            "start": start,
            "top": top,
            "written": _written(context, run, settings, dataset, start, length, top, temperatures),
        },
    )


def letter_entropy(dataset: StoredDataset) -> float:
    """Return the validation loss in nats of always saying how frequent each character is in the training text.

    A character that the training text lacks counts as if it occurred once.
    """
    train, validation = (
        np.array(dataset.info["splits"][split]["per_class"], np.float64) for split in ("train", "validation")
    )
    shares = np.maximum(train, 1) / np.maximum(train, 1).sum()
    return float(-(validation * np.log(shares)).sum() / validation.sum())


def _written(
    context: ArtefactContext,
    run: RunReference,
    settings: RunSettings,
    dataset: StoredDataset,
    start: str,
    length: int,
    top: int,
    temperatures: tuple[float, ...],
) -> list[dict[str, object]]:
    """Return a passage of the first seed for each temperature."""
    make_deterministic(threads=1)
    seed = run.seeds[0]
    context.weights(run.run, seed)  # so that the file is recorded as read
    weights = run_dir(context.results, context.settings.writeup, run.run, seed) / "weights.safetensors"
    model = load_trained(settings, weights, dataset.classes).eval()
    assert isinstance(model, CharLSTM), "the configuration gives it runs of this task"
    generator = context.random_numbers()
    return [
        {
            "temperature": temperature,
            "text": continue_text(
                model, dataset.classes, start, length, top=top, temperature=temperature, generator=generator
            ),
        }
        for temperature in temperatures
    ]


def _long_form(context: ArtefactContext, run: RunReference) -> pd.DataFrame:
    """Return the curves with a row for each value."""
    columns = [f"{split}_{name}" for name in PANELS for split in BOTH]
    return context.histories(run).melt(["run", "seed", "epoch"], columns, "column", "value")
