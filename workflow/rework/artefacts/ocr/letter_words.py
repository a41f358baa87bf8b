"""Word models of the OCR writeup (question 2): accuracies of letters and words, confusions, and the CRF's bigrams."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rework.artefacts.context import ArtefactContext
from rework.artefacts.measures import measures
from rework.artefacts.ocr.letter_pictures import Reading, ReadWord, word_rows
from rework.artefacts.recipes.accuracies import accuracy_table, basis, lengths_text
from rework.artefacts.recipes.histories import TRAIN_LOSS, VALIDATION_ACCURACY, history_figure
from rework.artefacts.result import Built, Column, Measured, Table
from rework.datasets.store import StoredDataset, StoredSplit
from rework.drawing.plots import labelled_matrix

BOTH = ("test_accuracy", "test_word_accuracy")


def bilstm_loss(context: ArtefactContext) -> Built:
    """Figure 10: training loss of the BiLSTM."""
    return history_figure(context, TRAIN_LOSS)


def bilstm_accuracy(context: ArtefactContext) -> Built:
    """Figure 11: validation accuracy of the BiLSTM."""
    return history_figure(context, VALIDATION_ACCURACY)


@measures("test_accuracy", "test_word_accuracy")
def bilstm_test_accuracy(context: ArtefactContext) -> Built:
    """Question 2.1: test accuracy of the BiLSTM over letters and over words."""
    return accuracy_table(context, "Test accuracy of the BiLSTM", "test letters", BOTH)


def cnn_bilstm_loss(context: ArtefactContext) -> Built:
    """Figure 12: training loss of the CNN+BiLSTM."""
    return history_figure(context, TRAIN_LOSS)


def cnn_bilstm_accuracy(context: ArtefactContext) -> Built:
    """Figure 13: validation accuracy of the CNN+BiLSTM."""
    return history_figure(context, VALIDATION_ACCURACY)


@measures("test_accuracy", "test_word_accuracy")
def cnn_bilstm_test_accuracy(context: ArtefactContext) -> Built:
    """Question 2.3: test accuracy of the CNN+BiLSTM over letters and over words."""
    return accuracy_table(context, "Test accuracy of the CNN+BiLSTM", "test letters", BOTH)


@measures("test_accuracy", "test_word_accuracy")
def bilstm_crf(context: ArtefactContext) -> Built:
    """Question 2.2: the networks with a CRF output, beside those without."""
    return accuracy_table(context, "Test accuracy with and without a CRF", "test letters", BOTH)


@measures("test_accuracy", "test_word_accuracy")
def words_table(context: ArtefactContext) -> Built:
    """Return letters and words read right by every model, on the same test split."""
    rows: list[dict[str, Any]] = []
    measured: list[Measured] = []
    sizes: dict[str, int | None] = {}
    for run in context.settings.runs:
        row: dict[str, Any] = {"model": run.label, "seeds": len(run.seeds)}
        for metric in BOTH:
            found, sizes[metric] = context.estimate(run.run, metric)
            measured.append(Measured(run.run, metric, run.label, found, run.seeds, "%"))
            row[metric] = found.mean
            row[f"{metric}_interval"] = f"{100 * found.low:.2f} to {100 * found.high:.2f} %"
        rows.append(row)
    columns = (
        Column("model", "model"),
        Column("test_accuracy", "letters right", "right", "%", 2),
        Column("test_accuracy_interval", "95 % interval", "right"),
        Column("test_word_accuracy", "words right", "right", "%", 2),
        Column("test_word_accuracy_interval", "95 % interval", "right"),
        Column("seeds", "seeds", "right"),
    )
    return Built(
        caption=(
            f"Letters and whole words of the test split that each model reads right, after "
            f"{lengths_text(context.settings.runs)}: {sizes['test_accuracy']} letters that form "
            f"{sizes['test_word_accuracy']} words. {_shared_basis(measured)}"
        ),
        data=([column.key for column in columns], [[row[column.key] for column in columns] for row in rows]),
        table=Table(columns, tuple(rows)),
        facts={"rows": rows},
    )


def batched_words(context: ArtefactContext) -> Built:
    """Return accuracies and updates of runs that differ in the number of words per update."""
    rows: list[dict[str, Any]] = []
    for run in context.settings.runs:
        letters, _ = context.estimate(run.run, "test_accuracy")
        words, _ = context.estimate(run.run, "test_word_accuracy")
        history = context.history(run.run, run.seeds[0])
        losses = [context.history(run.run, seed)["train_loss"][-1] for seed in run.seeds]
        rows.append(
            {
                "run": run.label,
                "letters": letters.mean,
                "words": words.mean,
                "loss": float(np.mean(losses)),
                "steps": int(history["steps"][0]),
                "seeds": len(run.seeds),
            }
        )
    columns = (
        Column("run", "run"),
        Column("letters", "letters right", "right", "%", 2),
        Column("words", "words right", "right", "%", 2),
        Column("loss", "training loss in the last epoch (nats)", "right", decimals=4),
        Column("steps", "updates per epoch", "right"),
        Column("seeds", "seeds", "right"),
    )
    return Built(
        caption=(
            f"The BiLSTM with one word and with several words in each update, after "
            f"{lengths_text(context.settings.runs)} of the same words and with the same learning rate; means "
            "over seeds, on the test split."
        ),
        data=([column.key for column in columns], [[row[column.key] for column in columns] for row in rows]),
        table=Table(columns, tuple(rows)),
        facts={
            "letters_difference": rows[1]["letters"] - rows[0]["letters"],
            "words_difference": rows[1]["words"] - rows[0]["words"],
        },
    )


def confusions(context: ArtefactContext, *, pairs: int) -> Built:
    """Return the most frequent wrong readings of each model, summed over seeds; ``pairs`` is their number."""
    classes = context.dataset(context.settings.datasets[0]).classes
    columns = [Column("rank", "", "right")]
    rows: list[dict[str, Any]] = [{"rank": rank + 1} for rank in range(pairs)]
    data: list[list[Any]] = []
    shares: dict[str, float] = {}
    for run in context.settings.runs:
        counts = sum(_confusion(context, run.run, seed, len(classes)) for seed in run.seeds)
        assert isinstance(counts, np.ndarray), "a run has at least one seed"
        np.fill_diagonal(counts, 0)
        columns += [Column(run.run, run.label), Column(f"{run.run} share", "of errors", "right", "%", 1)]
        ranked = np.argsort(-counts, axis=None, kind="stable")[:pairs]
        errors = int(counts.sum())
        for row, place in zip(rows, ranked, strict=True):
            truth, read = divmod(int(place), len(classes))
            count = int(counts[truth, read])
            row[run.run] = f"{classes[truth]} read as {classes[read]}: {count}" if count else "–"
            row[f"{run.run} share"] = count / errors if count else None
            data.append([run.label, classes[truth], classes[read], count])
        shares[run.run] = float(counts.flat[ranked].sum() / errors) if errors else 0.0
    seeds = max(len(run.seeds) for run in context.settings.runs)
    return Built(
        caption=(
            f"The {pairs} most frequent wrong readings of each model on the test split, counted over {seeds} "
            f"seed{'' if seeds == 1 else 's'}, with their share of all letters read wrong."
        ),
        data=(("model", "letter", "read as", "count"), data),
        table=Table(tuple(columns), tuple(rows)),
        facts={"shares": shares, "first": {run.run: rows[0][run.run] for run in context.settings.runs}},
    )


def crf_transitions(context: ArtefactContext) -> Built:
    """Return the CRF's scores of one letter after another, averaged over seeds."""
    run = context.settings.runs[0]
    classes = context.dataset(run.dataset).classes
    scores = np.mean([context.weights(run.run, seed)["crf.transitions"] for seed in run.seeds], axis=0)
    order = np.argsort(scores, axis=None, kind="stable")

    def named(places: NDArray[np.int64]) -> list[str]:
        return [classes[int(place) // len(classes)] + classes[int(place) % len(classes)] for place in places]

    highest, lowest = named(order[::-1][:8]), named(order[:8])
    seeds = "one seed" if len(run.seeds) == 1 else f"mean of {len(run.seeds)} seeds"
    return Built(
        caption=(
            "Scores that the CRF of the BiLSTM-CRF adds for each letter (column) after each other one (row), "
            f"{seeds}. Highest: {', '.join(highest)}; lowest: {', '.join(lowest)}."
        ),
        alt="Square of 26 by 26 coloured cells, rows are letters and columns the letters that follow",
        data=(
            ("letter", "next", "score"),
            [
                [classes[row], classes[column], float(scores[row, column])]
                for row in range(len(classes))
                for column in range(len(classes))
            ],
        ),
        figure=labelled_matrix(scores.astype(np.float64), classes, "next letter", "letter", "score (log-odds)"),
        facts={"highest": highest, "lowest": lowest, "spread": float(scores.max() - scores.min())},
    )


def read_words(context: ArtefactContext, *, words: int) -> Built:
    """Return test words with what each model reads; ``words`` is how many.

    The rule: with the first seed of each run, the first words of the test split of each of these kinds, in turn:
    all models right, the CNN alone wrong, the CRF right where the BiLSTM is wrong, the CRF wrong, all wrong.
    """
    dataset = context.dataset(context.settings.datasets[0])
    split = dataset.splits["test"]
    readings = {
        run.run: context.predictions(run.run, run.seeds[0])["predictions"].astype(np.int64)
        for run in context.settings.runs
    }
    kinds = word_kinds(split, readings)
    chosen = _in_turn(kinds, words)
    shown = [_read_word(context, dataset, word, readings) for word, _ in chosen]
    header = ("word", "kind", "written", *(run.label for run in context.settings.runs))
    return Built(
        caption=(
            "Words of the test split with what each model reads (first seed); wrong letters stand in brackets. The "
            f"first words of each of these kinds, in turn: {'; '.join(dict.fromkeys(kind for _, kind in chosen))}."
        ),
        alt="Rows of handwritten words, each beside the texts that the models read in it",
        data=(
            header,
            [
                [word, kind, read.truth, *(reading.text for reading in read.readings)]
                for (word, kind), read in zip(chosen, shown, strict=True)
            ],
        ),
        figure=word_rows(shown),
        facts={"counts": {kind: len(members) for kind, members in kinds.items()}},
    )


def word_kinds(split: StoredSplit, readings: dict[str, NDArray[np.int64]]) -> dict[str, list[int]]:
    """Return the words (numbers in the split) of each kind, by which models read all of their letters right.

    ``readings`` maps cnn-2, bilstm, bilstm-crf and others to labels of all test letters, shape (N,).
    """
    assert split.offsets is not None, "the data set has words"
    starts = split.offsets[:-1]
    right = {name: np.logical_and.reduceat(labels == split.targets, starts) for name, labels in readings.items()}
    cnn, bilstm, crf = (right[name] for name in ("cnn-2", "bilstm", "bilstm-crf"))
    every = np.logical_and.reduce(list(right.values()))
    others = np.logical_and.reduce([value for name, value in right.items() if name != "cnn-2"])
    none = ~np.logical_or.reduce(list(right.values()))
    # Short words are common and show little; these are drawn from words of at least five letters.
    long = np.diff(split.offsets) >= 5
    kinds = {
        "the CRF repairs what the BiLSTM misreads": crf & ~bilstm,
        "only the CNN is wrong": others & ~cnn,
        "the CRF misreads what the BiLSTM reads": bilstm & ~crf,
        "all models are wrong": none,
        "all models are right": every,
    }
    return {kind: np.flatnonzero(chosen & long).tolist() for kind, chosen in kinds.items()}


def _in_turn(kinds: dict[str, list[int]], count: int) -> list[tuple[int, str]]:
    """Return ``count`` words with their kinds: the first of each kind, then the second of each, and so on."""
    rounds = max(map(len, kinds.values()))
    ordered = [
        (members[turn], kind) for turn in range(rounds) for kind, members in kinds.items() if turn < len(members)
    ]
    return sorted(ordered[:count], key=lambda item: list(kinds).index(item[1]))


def _read_word(
    context: ArtefactContext, dataset: StoredDataset, word: int, readings: dict[str, NDArray[np.int64]]
) -> ReadWord:
    split = dataset.splits["test"]
    assert split.offsets is not None, "the data set has words"
    letters = slice(int(split.offsets[word]), int(split.offsets[word + 1]))

    def text(labels: NDArray[np.int64]) -> str:
        return "".join(dataset.classes[int(label)] for label in labels[letters])

    truth = text(split.targets)
    return ReadWord(
        pictures=np.asarray(split.inputs[letters])[:, 0] / 255,
        truth=truth,
        readings=tuple(
            Reading(run.label, text(readings[run.run]), text(readings[run.run]) == truth)
            for run in context.settings.runs
        ),
    )


def _confusion(context: ArtefactContext, run: str, seed: int, classes: int) -> NDArray[np.int64]:
    """Return how often each class (row) was read as each (column) in the test split."""
    stored = context.predictions(run, seed)
    counts = np.bincount(stored["targets"] * classes + stored["predictions"], minlength=classes * classes)
    return counts.reshape(classes, classes)


def _shared_basis(values: list[Measured]) -> str:
    kinds = {value.estimate.interval for value in values}
    return basis(values[:1]) if len(kinds) == 1 else basis(values)
