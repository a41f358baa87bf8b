"""Every artefact of the writeup on networks for recognition, made from made-up results and held against hand counts."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from artefact_checks import check_made, records_of, reported
from fabricated_characters import COUNT, EPOCHS, fabricate_characters
from rework import paths
from rework.artefacts import nist36
from rework.artefacts.make import build_artefact
from rework.artefacts.nist36.character_networks import confused_pairs
from rework.artefacts.nist36.pages_read import read_texts
from rework.catalogue.catalogue import load_catalogue
from rework.datasets.nist36 import CLASSES
from rework.errors import ConfigError
from rework.files import read_json, write_json
from rework.samples.photographs import PAGES
from workflow_copy import REPOSITORY

CATALOGUE = load_catalogue(REPOSITORY, {"without": []})
SETTINGS = {}
for name in CATALOGUE.artefact_ids("nist36"):
    found = CATALOGUE.artefact("full", name)
    # The made-up trainings are short.
    SETTINGS[name] = replace(found, runs=tuple(replace(run, epochs=EPOCHS) for run in found.runs))


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results") / "full"
    fabricate_characters(folder, CATALOGUE, "full")
    return folder


def make(results, name):
    return reported(SETTINGS[f"nist36/{name}"], results)


def rows_of(results, name):
    return records_of(results, f"nist36/{name}")


def predictions(results, run, seed=0):
    with np.load(paths.run_dir(results, "nist36", run, seed) / "predictions.npz") as archive:
        return dict(archive)


def test_nothing_of_the_writeup_is_missing():
    assert all(settings.not_run is None for settings in SETTINGS.values())
    assert {name.partition("/")[2].replace("-", "_") for name in SETTINGS} == set(nist36.__all__)


@pytest.mark.parametrize("artefact", SETTINGS)
def test_it_is_made_with_everything_that_the_report_reads(results, artefact):
    check_made(results, SETTINGS[artefact])


def test_the_log_sums_the_loss_over_a_batch_as_the_writeup_does(results):
    values = {value["metric"]: value["reproduced"] for value in make(results, "training-log")["values"]}
    # The last epoch has a loss of 3 / 4 nats per example; batches of 128 are drawn once.
    assert values["train_loss"]["mean"] == pytest.approx(3 / EPOCHS * 128)
    assert values["train_accuracy"]["values"] == pytest.approx([0.2 * EPOCHS + 0.01 * seed for seed in (0, 1, 2)])
    assert [int(row["epoch"]) for row in rows_of(results, "training-log")] == [1, 3]


def test_confusions_are_those_counted_by_hand(results):
    facts = make(results, "confusion")["facts"]
    wrong = sum(
        int((stored["targets"] != stored["predictions"]).sum())
        for stored in (predictions(results, "scratch", seed) for seed in (0, 1, 2))
    )
    assert (facts["wrong"], facts["total"]) == (wrong, 3 * COUNT)
    assert [item["pair"] for item in facts["published"]] == ["0/O", "S/5", "P/F", "2/Z", "K/R"]


def test_pairs_count_both_directions_and_come_in_order():
    counts = np.diag([5, 5, 5])
    counts[0, 1], counts[1, 0], counts[2, 0] = 2, 3, 4
    assert confused_pairs(counts, ("a", "b", "c")) == [(frozenset("ab"), 5), (frozenset("ac"), 4)]


def test_confusable_letters_are_misread_and_their_neighbours_right(results):
    make(results, "confusable-letters")
    stored = predictions(results, "scratch")
    rows = rows_of(results, "confusable-letters")
    assert len(rows) == 8
    for row in rows:
        wrong, clear = int(row["test picture"]), int(row["clear test picture"])
        assert CLASSES[stored["targets"][wrong]] == row["character"] != row["read as"]
        assert CLASSES[stored["predictions"][wrong]] == row["read as"]
        assert stored["targets"][clear] == stored["predictions"][clear] == CLASSES.index(row["read as"])


def test_boxes_and_characters_of_pages_are_counted(results):
    facts = make(results, "find-letters")["facts"]
    characters = sum(len(line.replace(" ", "")) for lines in PAGES.values() for line in lines)
    assert (facts["boxes"], facts["characters"], facts["complete"], facts["pages"]) == (characters, characters, 3, 3)


def test_texts_are_read_page_by_page_in_lines_and_words():
    pages = [
        {"boxes": [0] * 3, "lines": [[[0, 1]], [[2]]]},
        {"boxes": [0] * 2, "lines": [[[0], [1]]]},
    ]
    scores = np.full((5, 36), -9.0)
    for letter, character in enumerate("ABCDE"):
        scores[letter, CLASSES.index(character)] = 0
    assert read_texts(pages, scores, CLASSES) == ["AB\nC", "D E"]


def test_the_share_of_characters_right_counts_all_pages_together(results):
    path = results / "readings/photographs/nist36/reader/seed0.npz"
    with np.load(path) as archive:
        scores = archive["log_probabilities"]
    truth = "".join("".join(lines).replace(" ", "") for _, lines in sorted(PAGES.items()))
    perfect = np.full(scores.shape, -9.0, dtype=np.float32)
    perfect[np.arange(len(truth)), [CLASSES.index(character) for character in truth]] = 0
    settings = SETTINGS["nist36/extracted-text"]
    one = replace(settings, runs=tuple(replace(run, seeds=(0,)) for run in settings.runs if run.run == "reader"))
    np.savez(path, log_probabilities=perfect)
    try:
        sidecar = reported(one, results)
    finally:
        np.savez(path, log_probabilities=scores)
    assert sidecar["values"][0]["reproduced"]["mean"] == 1
    assert sidecar["facts"]["best_accuracy"] == 1


def test_an_unknown_class_of_reconstructions_is_named(results):
    settings = replace(SETTINGS["nist36/reconstructions"], options={"classes": ["?"]})
    with pytest.raises(ConfigError, match=r"'\?' is no class of nist36"):
        build_artefact(settings, results)


def test_the_loss_of_the_autoencoder_is_that_of_all_pictures(results):
    value = make(results, "autoencoder-loss")["values"][0]
    # The made-up training ends before epoch 98, so the last one stands for it.
    assert value["reproduced"]["mean"] == pytest.approx(3 / EPOCHS * COUNT)


def test_weights_from_outside_are_named_beside_the_data(results):
    data = make(results, "squeezenet-curves")["data"]
    assert [item["name"] for item in data] == ["flowers17", "squeezenet-1-1"]


@pytest.mark.parametrize("kind", ["data", "weights"])
def test_only_the_data_of_its_own_runs_make_a_claim_incomparable(results, tmp_path, kind):
    shutil.copytree(results, tmp_path / "full")
    before = {claim["id"]: claim["result"] for claim in make(tmp_path / "full", "claims")["claims"]}
    path = tmp_path / "full" / ("data/nist36/dataset.json" if kind == "data" else "weights/squeezenet-1-1.json")
    substitute = {"id": "other", "file": "other", "sha256": "0" * 64, "substitute": "Another.", "comparable": False}
    write_json(path, {**read_json(path), "assets": [substitute]})
    after = {claim["id"]: claim["result"] for claim in make(tmp_path / "full", "claims")["claims"]}
    changed = {name for name, result in after.items() if result == "not comparable"}
    flowers = {claim.id for claim in SETTINGS["nist36/claims"].claims if claim.left == "squeezenet"}
    scenes = {claim.id for claim in SETTINGS["nist36/claims"].claims if claim.left == "scene-cnn"}
    assert flowers
    assert scenes
    assert changed == (flowers if kind == "weights" else set(after) - flowers - scenes)
    assert {name: before[name] for name in set(after) - changed} == {name: after[name] for name in set(after) - changed}
    assert "not comparable" not in before.values()
