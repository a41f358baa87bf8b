"""The sentiment LSTM (section 6): its test accuracy beside that of a linear model, and its view of new sentences."""

import math
from typing import Any

import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table
from rework.artefacts.sentences import limits, seeds
from rework.datasets.labelled_texts import stored_words
from rework.inspection.sentiments import judge
from rework.messages import sentence_case, with_blanks
from rework.models.sentiment_lstm import SentimentLSTM
from rework.models.trained import load_trained
from rework.paths import run_dir
from rework.settings.artefact import RunReference
from rework.settings.run import RunSettings
from rework.training.determinism import make_deterministic

SURE = 1.645  # standard errors on either side of a share, for 90 %


@measures("test_accuracy", "test_loss")
@needs(runs=(1, ...), trained=("sentiment", "word-regression"), first={"model": "sentiment-lstm"}, same_data=True)
def sentiment(context: ArtefactContext, *, sentences: tuple[str, ...]) -> Built:
    """Return the measures of all runs, and what the first seed of the first run says of new sentences.

    Args:
        context: the artefact; its first run is the LSTM.
        sentences: texts to be judged.
    """
    network, runs = context.settings.runs[0], context.settings.runs
    rows = [_row(context, run, "test") for run in runs]
    alone = _row(context, network, "test_alone") | {
        "label": f"{network.label}, each review by itself",
        "validation": None,  # measured as in training only
    }
    data = pd.DataFrame([rows[0], alone, *rows[1:]])
    count = context.count(network.run, "test_accuracy")
    values = [
        Measured(run.run, name, f"{run.label}, {words}", context.estimate(run.run, name), run.seeds, unit)
        for run in runs
        for name, words, unit in (("test_accuracy", "test accuracy", "%"), ("test_loss", "test loss", "nats"))
    ]
    share = context.estimate(network.run, "test_accuracy").mean
    return Built(
        caption=(
            f"Trained on the first 80 % of the reviews, tested on the last {with_blanks(count)}. "
            f"{sentence_case(network.label)}: {network.length}, {seeds(network)}; as in the course, it begins each "
            "batch with the state that the batch before it left, in the test as well, which the second line does "
            "without. Intervals of the accuracy: 90 % t-interval over seeds; another "
            f"{with_blanks(count)} reviews would move each by about "
            f"±{100 * SURE * math.sqrt(share * (1 - share) / count):.1f} points."
        ),
        data=data,
        values=tuple(values),
        table=Table.of(
            data,
            Column("label", "model"),
            Column("accuracy", "test accuracy", "right", "%", 2),
            Column("interval", "interval", "right"),
            Column("loss", "test loss", "right", "nats", 3),
            Column("validation", "validation accuracy", "right", "%", 2),
            Column("parameters", "parameters", "right"),
        ),
        facts={
            "accuracy": {run.run: row["accuracy"] for run, row in zip(runs, rows, strict=True)},
            "alone": alone["accuracy"],
            "seeds": len(network.seeds),
            "together": _agreeing(context, network),
            "judged": _judged(context, network, sentences),
            "seed": network.seeds[0],
        },
    )


def _row(context: ArtefactContext, run: RunReference, measured: str) -> dict[str, Any]:
    found = context.estimate(run.run, f"{measured}_accuracy")
    return {
        "label": run.label,
        "accuracy": found.mean,
        "interval": limits(found),
        "loss": context.estimate(run.run, f"{measured}_loss").mean,
        "validation": context.estimate(run.run, "validation_accuracy").mean,
        "parameters": with_blanks(context.provenance(run.run, run.seeds[0])["parameters"]),
    }


def _agreeing(context: ArtefactContext, run: RunReference) -> float:
    """Return for how many test reviews, as a share, the carried state does not change the answer of the first seed."""
    found = context.predictions(run.run, run.seeds[0])
    return float(((found["log_odds"] > 0) == (found["log_odds_alone"] > 0)).mean())


def _judged(context: ArtefactContext, run: RunReference, sentences: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return what the first seed of a run says of some sentences."""
    make_deterministic(threads=1)
    seed = run.seeds[0]
    settings = RunSettings.from_json(context.provenance(run.run, seed)["settings"])
    context.weights(run.run, seed)  # so that the file is recorded as read
    dataset = context.dataset(run.dataset)
    weights = run_dir(context.results, context.settings.writeup, run.run, seed) / "weights.safetensors"
    model = load_trained(settings, weights, dataset.classes)
    assert isinstance(model, SentimentLSTM), "the configuration gives it runs of this task"
    found = judge(model.eval(), stored_words(dataset), sentences)
    return [
        {"text": text, "positive": judged.positive, "label": judged.label, "unknown": list(judged.unknown)}
        for text, judged in zip(sentences, found, strict=True)
    ]
