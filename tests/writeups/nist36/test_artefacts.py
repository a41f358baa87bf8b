"""Artefacts of nist36, made from made-up results and checked against hand counts."""

import math
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from fabricated import Artefacts
from fabricated_characters import COUNT, EPOCHS
from rework.artefacts.nist36.author_reading import right_of_kinds
from rework.artefacts.nist36.letters_found import same_letters
from rework.artefacts.nist36.pages_read import read_texts
from rework.artefacts.recipes import confusions
from rework.artefacts.recipes.confusions import confused_pairs, confusion_counts
from rework.datasets.nist36 import CLASSES
from rework.errors import ConfigError, DataError
from rework.files import sha256_file
from rework.handwriting.author_network import SHAPES as AUTHOR_SHAPES
from rework.handwriting.author_network import author_scores
from rework.recorded import read_record, write_record
from rework.samples.photographs import PAGES

WRITEUP = "nist36"


def test_the_log_sums_the_loss_over_a_batch_as_the_writeup_does(artefacts):
    values = {value["metric"]: value["reproduced"] for value in artefacts.make("training-log")["values"]}
    # The last epoch has a loss of 3 / 4 nats per example; batches of 128 are drawn once.
    assert values["train_loss"]["mean"] == pytest.approx(3 / EPOCHS * 128)
    assert values["train_accuracy"]["values"] == pytest.approx([0.2 * EPOCHS + 0.01 * seed for seed in (0, 1, 2)])
    rows = artefacts.rows("training-log")
    assert [int(row["epoch"]) for row in rows] == [1, 3]
    # A line holds what its epoch measured: the made-up loss is 3 divided by the number of the epoch.
    assert [float(row["loss"]) for row in rows] == pytest.approx([3 / 1 * 128, 3 / 3 * 128])
    assert [float(row["published_loss"]) for row in rows] == [26.38, 26.04]


def test_confusions_are_those_counted_by_hand(artefacts):
    facts = artefacts.make("confusion")["facts"]
    wrong = sum(
        int((stored["targets"] != stored["predictions"]).sum())
        for stored in (artefacts.predictions("scratch", seed) for seed in (0, 1, 2))
    )
    assert (facts["wrong"], facts["total"]) == (wrong, 3 * COUNT)
    assert [item["pair"] for item in facts["published"]] == ["0/O", "S/5", "P/F", "2/Z", "K/R"]


def test_a_row_of_the_confusion_matrix_is_what_was_true(artefacts, monkeypatch):
    """Two of class 0 read as 1, and one of class 2 read as 0, by hand; the figure and the table show the same."""
    stored = {"targets": np.array([0, 0, 0, 1, 2, 2]), "predictions": np.array([0, 1, 1, 1, 2, 0])}
    context = SimpleNamespace(predictions=lambda _run, _seed: stored)
    counts = confusion_counts(context, SimpleNamespace(run="r", seeds=(0, 1)), 3)
    assert counts.tolist() == [[2, 4, 0], [0, 2, 0], [2, 0, 2]]
    drawn = []
    draw = confusions.count_matrix
    monkeypatch.setattr(confusions, "count_matrix", lambda *given: drawn.append(given) or draw(*given))
    artefacts.make("confusion")
    shown = {(row["character"], row["read as"]): int(row["count"]) for row in artefacts.rows("confusion")}
    assert shown
    predictions = [artefacts.predictions("scratch", seed) for seed in (0, 1, 2)]
    for (true, read), count in shown.items():
        places = CLASSES.index(true), CLASSES.index(read)
        assert count == sum(
            int(((one["targets"] == places[0]) & (one["predictions"] == places[1])).sum()) for one in predictions
        )
        assert drawn[0][0][places] == count
    assert drawn[0][1:4] == (CLASSES, "read as", "character")


def test_pairs_count_both_directions_and_come_in_order():
    counts = np.diag([5, 5, 5])
    counts[0, 1], counts[1, 0], counts[2, 0] = 2, 3, 4
    assert confused_pairs(counts, ("a", "b", "c")) == [(frozenset("ab"), 5), (frozenset("ac"), 4)]


def test_confusable_letters_are_misread_and_their_neighbours_right(artefacts):
    artefacts.make("confusable-letters")
    stored = artefacts.predictions("scratch")
    rows = artefacts.rows("confusable-letters")
    assert len(rows) == 8
    for row in rows:
        wrong, clear = int(row["test picture"]), int(row["clear test picture"])
        assert CLASSES[stored["targets"][wrong]] == row["character"] != row["read as"]
        assert CLASSES[stored["predictions"][wrong]] == row["read as"]
        assert stored["targets"][clear] == stored["predictions"][clear] == CLASSES.index(row["read as"])


@pytest.mark.slow
def test_boxes_and_characters_of_pages_are_counted(artefacts):
    facts = artefacts.make("find-letters")["facts"]
    characters = sum(len(line.replace(" ", "")) for lines in PAGES.values() for line in lines)
    assert (facts["boxes"], facts["characters"], facts["complete"], facts["pages"]) == (characters, characters, 3, 3)
    # In the shadow of the first page, the listing takes the paper for ink.
    even = [row for row in artefacts.rows("find-letters") if row["boxes by the listing"] == row["characters"]]
    assert [row["page"] for row in even] == ["02_journey", "03_register"]
    assert all(row["in one box of both"] == row["characters"] for row in even)
    assert facts["listed_complete"] == 2
    assert facts["shared"] >= sum(int(row["characters"]) for row in even)


def test_letters_in_common_lie_alone_in_one_box_of_the_other_kind():
    listed = [[0, 0, 10, 10], [0, 20, 10, 40], [50, 50, 60, 60]]
    alone, two = [2, 2, 8, 8], [[2, 22, 8, 26], [2, 30, 8, 36]]
    assert same_letters([alone, *two], listed) == 1
    assert same_letters([alone, alone], listed) == 0
    assert same_letters([alone], [*listed, [0, 0, 9, 9]]) == 0
    assert same_letters([], listed) == same_letters([alone], []) == 0


def test_texts_are_read_page_by_page_in_lines_and_words():
    pages = [
        {"boxes": [0] * 3, "lines": [[[0, 1]], [[2]]]},
        {"boxes": [0] * 2, "lines": [[[0], [1]]]},
    ]
    scores = np.full((5, 36), -9.0)
    for letter, character in enumerate("ABCDE"):
        scores[letter, CLASSES.index(character)] = 0
    assert read_texts(pages, scores, CLASSES) == ["AB\nC", "D E"]


def write_reading(path, scores):
    """Write a reading with its record."""
    np.savez(path, log_probabilities=scores)
    write_record(path.with_suffix(".json"), {"provenance": {"outputs": {path.name: sha256_file(path)}}})


def test_the_share_of_characters_right_counts_all_pages_together(artefacts):
    path = artefacts.results / "readings/photographs/nist36/reader/seed0.npz"
    with np.load(path) as archive:
        scores = archive["log_probabilities"]
    truth = "".join("".join(lines).replace(" ", "") for _, lines in sorted(PAGES.items()))
    perfect = np.full(scores.shape, -9.0, dtype=np.float32)
    perfect[np.arange(len(truth)), [CLASSES.index(character) for character in truth]] = 0
    settings = artefacts.settings("extracted-text")
    one = replace(settings, runs=tuple(replace(run, seeds=(0,)) for run in settings.runs if run.run == "reader"))
    write_reading(path, perfect)
    try:
        sidecar = artefacts.build(one)
    finally:
        write_reading(path, scores)
    assert sidecar["values"][0]["reproduced"]["mean"] == 1
    assert sidecar["facts"]["best_accuracy"] == 1


def test_the_authors_network_is_worked_by_hand():
    """One hidden unit looks at the pixel of row 1, column 2, which is in place 2 * 32 + 1 of the author's pictures."""
    weights = {name: np.zeros(shape, np.float32) for name, shape in AUTHOR_SHAPES.items()}
    weights["Wlayer1"][65, 0], weights["Woutput"][0, 3] = 2.0, 10.0
    crops = np.zeros((2, 1, 32, 32), np.uint8)
    crops[1, 0, 1, 2] = 255
    scores = author_scores(weights, crops)
    assert scores[:, 3] == pytest.approx([5.0, 10 / (1 + math.exp(-2))])
    del weights["boutput"]
    with pytest.raises(DataError, match="boutput has the shape None"):
        author_scores(weights, crops)


def test_letters_and_digits_are_counted_where_every_place_is_known():
    pages = [{"truth": ["AB 1", "23"]}, {"truth": ["XYZ"]}]
    assert right_of_kinds(pages, ["AC1\n2 Z", "XY"]) == {"letters": (1, 2), "digits": (2, 3)}


def test_the_authors_reading_is_that_of_his_weights(artefacts):
    made = artefacts.make("author-reading")
    assert set(made["facts"]["right"]) == {"the author's network", "larger CNN on moved pictures"}
    of_kind = made["facts"]["right"]["the author's network"]
    assert {kind: total for kind, (_, total) in of_kind.items()} == {"letters": 97, "digits": 14}
    assert len(artefacts.rows("author-reading")) == 6


def test_random_weights_are_not_called_the_authors(tmp_path):
    generated = Artefacts.made_up(WRITEUP, tmp_path, "sample").make("author-reading")
    assert "the author's network" not in generated["facts"]["right"]
    assert generated["caption"].startswith("Letters that were found, as read by random weights")


def test_pages_that_are_read_name_the_seeds_of_their_readers(artefacts):
    runs = artefacts.settings("extracted-text").runs
    assert {run["run"]: tuple(run["seeds"]) for run in artefacts.make("extracted-text")["runs"]} == {
        run.run: run.seeds for run in runs
    }


def test_an_unknown_class_of_reconstructions_is_named(artefacts):
    with pytest.raises(ConfigError, match=r"options\.classes: unknown class '\?'"):
        artefacts.make("reconstructions", classes=["?"])


def test_the_loss_of_the_autoencoder_is_that_of_all_pictures(artefacts):
    sidecar = artefacts.make("autoencoder-loss")
    # The made-up training ends before epoch 98, so the last one is used.
    assert sidecar["values"][0]["reproduced"]["mean"] == pytest.approx(3 / EPOCHS * COUNT)
    assert sidecar["facts"] == {"pictures": COUNT, "epoch": EPOCHS - 1, "per_picture": pytest.approx(3 / EPOCHS)}


def test_the_loss_of_the_autoencoder_says_how_its_batches_were_drawn(artefacts, tmp_path):
    assert "drawn before the first of them with replacement" in artefacts.make("autoencoder-loss")["caption"]
    shutil.copytree(artefacts.results, tmp_path / "full")
    shuffled = Artefacts(WRITEUP, tmp_path / "full")
    for seed in artefacts.settings("autoencoder-loss").runs[0].seeds:
        path = shuffled.run_dir("autoencoder", seed) / "provenance.json"
        record = read_record(path)
        del record["settings"]["model"]["parameters"]["batches"]
        write_record(path, record)
    assert "Each epoch visits each picture once." in shuffled.make("autoencoder-loss")["caption"]


def test_weights_from_outside_are_named_beside_the_data(artefacts):
    data = artefacts.make("squeezenet-curves")["data"]
    assert [item["name"] for item in data] == ["flowers17", "squeezenet-1-1"]


def test_training_accuracies_are_counted_over_whole_batches(artefacts):
    """As 667 right answers of 680 pictures in batches of 32 are 667 of 704 for the writeup."""
    run = artefacts.settings("squeezenet-curves").runs[0]
    assert run.run == "squeezenet-sgd"
    values = {(value["key"], value["metric"]): value for value in artefacts.make("squeezenet-curves")["values"]}
    plain = artefacts.make("squeezenet-curves", whole_batches=False)["values"]
    for value in plain:
        found = values[value["key"], value["metric"]]["reproduced"]["mean"]
        if value["metric"] != "train_accuracy":
            assert found == value["reproduced"]["mean"]
            continue
        record = read_record(artefacts.run_dir(value["key"]) / "metrics.json")
        examples = record["metrics"]["train_accuracy"]["n"]
        places = math.ceil(examples / 32) * 32
        assert places > examples
        assert found == pytest.approx(value["reproduced"]["mean"] * examples / places)


@pytest.mark.parametrize("kind", ["data", "weights"])
def test_only_the_data_of_its_own_runs_make_a_claim_incomparable(artefacts, tmp_path, kind):
    shutil.copytree(artefacts.results, tmp_path / "full")
    copy = Artefacts(WRITEUP, tmp_path / "full")
    before = {claim["id"]: claim["result"] for claim in copy.make("claims")["claims"]}
    path = tmp_path / "full" / ("data/nist36/dataset.json" if kind == "data" else "weights/squeezenet-1-1.json")
    substitute = {"id": "other", "file": "other", "sha256": "0" * 64, "substitute": "Another.", "comparable": False}
    write_record(path, {**read_record(path), "assets": [substitute]})
    after = {claim["id"]: claim["result"] for claim in copy.make("claims")["claims"]}
    changed = {name for name, result in after.items() if result == "not comparable"}
    never = {claim.id for claim in artefacts.settings("claims").claims if claim.not_run}
    flowers = {claim.id for claim in artefacts.settings("claims").claims if claim.left == "squeezenet"}
    scenes = {claim.id for claim in artefacts.settings("claims").claims if claim.left == "scene-cnn"}
    assert flowers
    assert scenes
    assert changed == (flowers if kind == "weights" else set(after) - flowers - scenes - never)
    assert {name: before[name] for name in set(after) - changed} == {name: after[name] for name in set(after) - changed}
    assert "not comparable" not in before.values()
