"""Curves in our definition of the loss and the author's, with the author's own curves and without."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rework import paths
from rework.artefacts.context import ArtefactContext
from rework.artefacts.make import artefact_function
from rework.artefacts.ocr.author_curves import AuthorCurves, Compared, within_sentence
from rework.datasets.ocr_author_curves import CURVES
from rework.files import read_json
from rework.settings.artefact import RunReference

WRITEUP = "ocr"
LOSSES = {"cnn-loss": "cnn-2", "bilstm-loss": "bilstm", "cnn-bilstm-loss": "cnn-bilstm"}
ACCURACIES = {"cnn-accuracy": "cnn-2", "bilstm-accuracy": "bilstm", "cnn-bilstm-accuracy": "cnn-bilstm"}
ALL = [*LOSSES, *ACCURACIES, "depth-curves"]
RUN = RunReference("cnn-2", "CNN", "ocr-letters", (0, 1, 2), 2)
NOT_DRAWN = "The author's own curves are not drawn"


def without(artefacts, name):
    """Return the settings of an artefact where the author's file is not available."""
    return replace(artefacts.settings(name), datasets=())


def figure(artefacts, settings):
    """Return the drawing of an artefact."""
    return artefact_function(settings)(ArtefactContext(settings, artefacts.results)).figure


def histories(artefacts, run, column):
    """Return a column of the histories of a run, seeds x epochs."""
    return np.stack([pd.read_csv(artefacts.run_dir(run, seed) / "history.csv")[column] for seed in (0, 1, 2)])


def values(artefacts, name, what, source, run=None):
    """Return what the CSV of an artefact holds, in the order of its rows."""
    rows = [row for row in artefacts.rows(name) if row["what"] == what and row["source"] == source]
    return [float(row["value"]) for row in rows if run is None or row["run"] == run]


@pytest.mark.parametrize("name", ALL)
def test_both_curves_are_drawn_where_the_file_is_given_and_ours_where_it_is_not(artefacts, name):
    given = artefacts.make(name)
    assert {row["source"] for row in artefacts.rows(name)} == {"this build", "published"}
    assert "data/ocr-author-curves/table.csv" in given["provenance"]["inputs"]
    both = figure(artefacts, artefacts.settings(name))
    alone = artefacts.build(without(artefacts, name))
    assert {row["source"] for row in artefacts.rows(name)} == {"this build"}
    assert NOT_DRAWN in alone["caption"]
    assert NOT_DRAWN not in given["caption"]
    assert not [path for path in alone["provenance"]["inputs"] if "author" in path]
    ours = figure(artefacts, without(artefacts, name))
    assert [len(axes.get_lines()) + 1 for axes in ours.axes] == [len(axes.get_lines()) for axes in both.axes]
    assert [text.get_text() for text in both.legends[0].get_texts()][:2] == ["this build", "the author"]


def test_the_mean_since_the_start_is_that_of_all_batches(artefacts):
    facts = artefacts.make("cnn-loss")["facts"]
    means = histories(artefacts, "cnn-2", "train_loss")
    # Every epoch has as many batches, so that their mean is that of the epochs' means.
    expected = np.stack([means[:, : epoch + 1].mean(axis=1) for epoch in range(means.shape[1])], axis=1)
    assert values(artefacts, "cnn-loss", "mean since the start", "this build") == pytest.approx(expected.ravel())
    assert values(artefacts, "cnn-loss", "mean of the epoch", "this build") == pytest.approx(means.ravel())
    assert facts["last_since_start"] == pytest.approx(expected[:, -1].mean())
    assert facts["last"] == pytest.approx(means[:, -1].mean())


def test_the_author_is_shown_in_the_same_definition(artefacts):
    table = pd.read_csv(paths.dataset_dir(artefacts.results, "ocr-author-curves") / "table.csv")
    artefacts.make("cnn-loss")
    epochs = histories(artefacts, "cnn-2", "train_loss").shape[1]
    for what, curve in zip(("mean since the start", "mean of the epoch"), CURVES[:2], strict=True):
        expected = table[f"cnn-2 {curve}"][:epochs]
        assert values(artefacts, "cnn-loss", what, "published") == expected.tolist()
    artefacts.make("depth-curves")
    for depth in (2, 3, 4, 5):
        found = values(artefacts, "depth-curves", "validation accuracy", "published", f"CNN, {depth} convolutions")
        assert found == table[f"cnn-{depth} validation_accuracy"][:epochs].tolist()


def test_the_authors_loss_of_words_is_left_out_as_it_was_not_recorded(artefacts):
    sidecar = artefacts.make("bilstm-loss")
    split = read_json(paths.dataset_dir(artefacts.results, "ocr-letters") / "dataset.json")["splits"]["train"]
    assert sidecar["facts"]["letters_per_word"] == split["count"] / split["words"]
    assert "it cannot be computed for this build" in sidecar["caption"]
    assert {row["what"] for row in artefacts.rows("bilstm-loss")} == {"mean of the epoch"}


def test_generated_curves_are_no_authors():
    generated = AuthorCurves(pd.DataFrame({"cnn-2 epoch_mean_loss": [1.0, 0.5]}), generated=True)
    found = generated.curve(RUN, "epoch_mean_loss", 2)
    assert found.tolist() == [1.0, 0.5]
    assert generated.curve(replace(RUN, run="other"), "epoch_mean_loss", 2) is None
    assert generated.label == "generated, in place of the author's"
    assert generated.sentence("the author's") == "The dashed curves are generated, in place of the author's."
    compared = Compared(RUN, "mean of the epoch", np.ones((3, 2)), found)
    assert within_sentence(compared, generated) == ""


def test_the_author_among_our_seeds_by_hand():
    ours = np.array([[3.0, 3.0, 3.0, 3.0], [1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]])
    compared = Compared(RUN, "validation accuracy", ours, np.array([0.9, 1.0, 2.5]))
    author = AuthorCurves(pd.DataFrame())
    assert (compared.epochs, compared.within) == (3, 2)
    assert within_sentence(compared, author) == (
        " In 2 of 3 epochs, the author's validation accuracy is between the smallest and the greatest of our seeds; "
        "one more seed of ours would be there in 1.5 on average."
    )
    assert within_sentence(replace(compared, by_seed=ours[:1]), author) == ""
    assert within_sentence(replace(compared, published=None), author) == ""


def test_one_more_seed_is_among_the_others_as_often_as_is_said():
    generator = np.random.default_rng(0)
    for seeds in (2, 3, 10):
        draws = generator.random((20_000, seeds + 1))
        inside = (draws[:, 0] >= draws[:, 1:].min(axis=1)) & (draws[:, 0] <= draws[:, 1:].max(axis=1))
        compared = Compared(RUN, "", np.zeros((seeds, 1)), np.zeros(1))
        assert compared.expected_within == pytest.approx(inside.mean(), abs=0.02)
