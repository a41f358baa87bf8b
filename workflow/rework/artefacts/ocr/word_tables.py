"""Tables of the networks that read words, beyond the writeup: letters and words read correctly, words per update."""

from typing import Any

import pandas as pd

from rework.artefacts.context import ArtefactContext
from rework.artefacts.needs import needs
from rework.artefacts.result import Built, Column, Measured, Table
from rework.artefacts.sentences import basis, lengths, limits

BOTH = ("test_accuracy", "test_word_accuracy")


@needs(runs=(1, ...), metrics=("test_accuracy", "test_word_accuracy"))
def words_table(context: ArtefactContext) -> Built:
    """Return the letters and words that each model reads correctly on the same test split."""
    rows: list[dict[str, Any]] = []
    measured: list[Measured] = []
    sizes: dict[str, int] = {}
    for run in context.settings.runs:
        row: dict[str, Any] = {"model": run.label}
        for metric in BOTH:
            found, sizes[metric] = context.estimate(run.run, metric), context.count(run.run, metric)
            measured.append(Measured(run.run, metric, run.label, found, run.seeds, "%"))
            row[metric] = found.mean
            row[f"{metric}_interval"] = limits(found)
        rows.append({**row, "seeds": len(run.seeds)})
    data = pd.DataFrame(rows)
    return Built(
        caption=(
            f"Letters and whole words of the test split that each model reads right, after "
            f"{lengths(context.settings.runs)}: {sizes['test_accuracy']} letters that form "
            f"{sizes['test_word_accuracy']} words. {basis(measured)}"
        ),
        data=data,
        table=Table.of(
            data,
            Column("model", "model"),
            Column("test_accuracy", "letters right", "right", "%", 2),
            Column("test_accuracy_interval", "90 % interval", "right"),
            Column("test_word_accuracy", "words right", "right", "%", 2),
            Column("test_word_accuracy_interval", "90 % interval", "right"),
            Column("seeds", "seeds", "right"),
        ),
        facts={"rows": rows},
    )


@needs(runs=2, metrics=("test_accuracy", "test_word_accuracy"), history="train_loss")
def batched_words(context: ArtefactContext) -> Built:
    """Return the accuracies and updates of runs that differ in the number of words per update."""
    rows: list[dict[str, Any]] = []
    for run in context.settings.runs:
        letters = context.estimate(run.run, "test_accuracy")
        words = context.estimate(run.run, "test_word_accuracy")
        rows.append(
            {
                "run": run.label,
                "letters": letters.mean,
                "words": words.mean,
                "loss": float(context.over_epochs(run, "train_loss")[:, -1].mean()),
                "steps": int(context.history(run.run, run.seeds[0])["steps"].iloc[0]),
                "seeds": len(run.seeds),
            }
        )
    data = pd.DataFrame(rows)
    return Built(
        caption=(
            f"The BiLSTM with one word and with several words in each update, after "
            f"{lengths(context.settings.runs)} of the same words and with the same learning rate; means "
            "over seeds, on the test split."
        ),
        data=data,
        table=Table.of(
            data,
            Column("run", "run"),
            Column("letters", "letters right", "right", "%", 2),
            Column("words", "words right", "right", "%", 2),
            Column("loss", "training loss in the last epoch (nats)", "right", decimals=4),
            Column("steps", "updates per epoch", "right"),
            Column("seeds", "seeds", "right"),
        ),
        facts={
            "letters_difference": rows[1]["letters"] - rows[0]["letters"],
            "words_difference": rows[1]["words"] - rows[0]["words"],
        },
    )
