"""Artefacts of ocr, made from made-up results and checked against counts by hand."""

import numpy as np
import pytest
from fabricated import CATALOGUE
from hypothesis import given
from hypothesis import strategies as st
from rework import paths
from rework.artefacts.ocr import pooling
from rework.artefacts.ocr.crf_transitions import bigrams, centred
from rework.artefacts.ocr.letter_pictures import marked
from rework.artefacts.ocr.read_words import word_kinds
from rework.datasets.store import StoredSplit, open_dataset
from rework.errors import ConfigError
from rework.evaluation.verdicts import RULES
from rework.files import read_json
from rework.recorded import read_record

WRITEUP = "ocr"
BOTH = {"test_accuracy", "test_word_accuracy"}


@pytest.mark.parametrize("name", ["bilstm-test-accuracy", "cnn-bilstm-test-accuracy", "bilstm-crf"])
def test_letters_and_words_are_measured_for_every_run(artefacts, name):
    sidecar = artefacts.make(name)
    settings = artefacts.settings(name)
    found = {(value["key"], value["metric"]): value for value in sidecar["values"]}
    assert set(found) == {(run.run, metric) for run in settings.runs for metric in BOTH}
    for (run, metric), value in found.items():
        seeds = [
            read_json(artefacts.run_dir(run, seed) / "metrics.json")["metrics"][metric]["value"] for seed in (0, 1, 2)
        ]
        assert value["reproduced"]["mean"] == pytest.approx(np.mean(seeds))
        assert value["reproduced"]["interval"] == "t"


def test_values_that_no_one_published_have_no_verdict(artefacts):
    judged = artefacts.make("bilstm-test-accuracy")["values"]
    assert {value["verdict"] for value in judged} <= {*RULES} - {"exact", "not run", "not comparable"}
    assert {value["verdict"] for value in artefacts.make("bilstm-crf")["values"]} == {None}


def test_odd_letters_are_those_of_the_rule(artefacts):
    facts = artefacts.make("odd-letters")["facts"]
    targets = artefacts.predictions("cnn-2", 0)["targets"]
    mean = sum(artefacts.predictions("cnn-2", seed)["probabilities"] for seed in (0, 1, 2)) / 3
    members = [index for index in range(len(targets)) if targets[index] == 0]
    expected = sorted(members, key=lambda index: mean[index, 0])[:2]
    assert [letter["example"] for letter in facts["letters"]] == expected
    assert facts["members"] == len(members)
    assert [letter["read_as"] for letter in facts["letters"]] == [
        "abcdefghijklmnopqrstuvwxyz"[mean[index].argmax()] for index in expected
    ]


def test_a_letter_that_is_no_class_is_refused(artefacts):
    with pytest.raises(ConfigError, match=r"options\.letter: unknown class 'ä'"):
        artefacts.make("odd-letters", letter="ä")


def test_confusions_are_counted_over_seeds(artefacts):
    artefacts.make("confusions")
    counts = {}
    for seed in (0, 1, 2):
        arrays = artefacts.predictions("bilstm", seed)
        for truth, read in zip(arrays["targets"], arrays["predictions"], strict=True):
            if truth != read:
                pair = (chr(97 + truth), chr(97 + read))
                counts[pair] = counts.get(pair, 0) + 1
    rows = [row for row in artefacts.rows("confusions") if row["model"] == "BiLSTM"]
    assert len(rows) == 10
    for row in rows:
        assert counts.get((row["letter"], row["read as"]), 0) == int(row["count"])
    assert [int(row["count"]) for row in rows] == sorted(counts.values(), reverse=True)[:10]


def test_kinds_of_words_by_hand():
    words = ["apple", "abc", "grape", "lemon", "melon"]
    letters = np.array([ord(letter) - 97 for word in words for letter in word])
    offsets = np.array([0, *np.cumsum([len(word) for word in words])])
    split = StoredSplit({"targets": letters, "offsets": offsets})

    def read(*wrong):
        labels = letters.copy()
        for word in wrong:
            labels[offsets[words.index(word)]] = 25
        return labels

    readings = {"cnn-2": read("apple", "melon"), "bilstm": read("grape", "melon"), "bilstm-crf": read("lemon", "melon")}
    readings["cnn-bilstm"] = read("melon")
    kinds = word_kinds(split, readings)
    assert kinds == {
        "the CRF repairs what the BiLSTM misreads": [2],
        "only the CNN is wrong": [0],
        "the CRF misreads what the BiLSTM reads": [3],
        "all models are wrong": [4],
        "all models are right": [],
    }


def test_read_words_show_what_was_read(artefacts):
    artefacts.make("read-words")
    dataset = open_dataset(paths.dataset_dir(artefacts.results, "ocr-letters"))
    split = dataset.splits["test"]
    rows = artefacts.rows("read-words")
    assert 0 < len(rows) <= 6
    for row in rows:
        letters = slice(split.offsets[int(row["word"])], split.offsets[int(row["word"]) + 1])
        assert row["written"] == "".join(chr(97 + k) for k in split.targets[letters])
        read = artefacts.predictions("bilstm-crf", 0)["predictions"][letters]
        assert row["BiLSTM-CRF"] == "".join(chr(97 + k) for k in read)


@pytest.mark.parametrize(
    ("text", "truth", "expected"),
    [
        ("abc", "abc", "abc"),
        ("xbc", "abc", "[x]bc"),
        ("xyc", "abc", "[xy]c"),
        ("abz", "abc", "ab[z]"),
        ("xbz", "abc", "[x]b[z]"),
    ],
)
def test_wrong_letters_stand_in_brackets(text, truth, expected):
    assert marked(text, truth) == expected


def test_transitions_are_the_mean_of_the_seeds(artefacts):
    sidecar = artefacts.make("crf-transitions")
    rows = artefacts.rows("crf-transitions")
    best = max(rows, key=lambda row: float(row["score"]))
    assert sidecar["facts"]["highest"][0] == best["letter"] + best["next"]
    assert len(rows) == 26 * 26


def test_transitions_are_shown_centred_with_the_pairs_of_training(artefacts):
    sidecar = artefacts.make("crf-transitions")
    rows = artefacts.rows("crf-transitions")
    scores = np.array([float(row["score"]) for row in rows]).reshape(26, 26)
    np.testing.assert_allclose([scores.mean(axis=0), scores.mean(axis=1)], 0, atol=1e-9)
    split = open_dataset(paths.dataset_dir(artefacts.results, "ocr-letters")).splits["train"]
    letters = "".join(chr(97 + k) for k in split.targets)
    words = [letters[first:end] for first, end in zip(split.offsets[:-1], split.offsets[1:], strict=True)]
    for row in rows:
        assert (row["in_training"] == "True") == any(row["letter"] + row["next"] in word for word in words)
    assert sidecar["facts"]["never"] == sum(row["in_training"] == "False" for row in rows)


@pytest.mark.parametrize(
    ("name", "seeds"), [("conv1-kernels-grey", [0]), ("read-words", [0]), ("depth-table", [0, 1, 2])]
)
def test_an_artefact_names_the_seeds_that_it_shows(artefacts, name, seeds):
    artefacts.make(name)
    runs = read_record(paths.artefact_file(artefacts.results, f"ocr/{name}", "json"))["runs"]
    assert {run["run"]: run["seeds"] for run in runs} == {run.run: seeds for run in artefacts.settings(name).runs}


def test_the_table_of_all_models_has_every_run_of_the_writeup(artefacts):
    assert {run.run for run in artefacts.settings("words-table").runs} == {
        *(run for writeup, run, _ in CATALOGUE.run_ids("full", WRITEUP) if writeup == WRITEUP)
    }


def test_a_pooling_of_three_keeps_values_of_a_row_by_hand():
    row = np.array([[[0.0, 0.1, 1.0, 0.2, 0.1, 0.0, 0.0]]])
    after = pooling.shifted(row)
    assert after.tolist() == [[[0.0, 0.0, 0.1, 1.0, 0.2, 0.1, 0.0]]]
    # Active: positions 1 to 5. Position 4 has 0.1 before and 0.2 after, and so on: all five change.
    assert pooling.changed_share(row, after).tolist() == [1.0]
    pooled = pooling.pool_neighbours(row, 3)
    assert pooled.tolist() == [[[0.1, 1.0, 1.0, 1.0, 0.2, 0.1, 0.0]]]
    pooled_after = pooling.pool_neighbours(after, 3)
    assert pooled_after.tolist() == [[[0.0, 0.1, 1.0, 1.0, 1.0, 0.2, 0.1]]]
    # Of seven active values, those at positions 2 and 3 stay.
    assert pooling.changed_share(pooled, pooled_after) == pytest.approx([5 / 7])
    assert pooling.pool_blocks(np.array([[[1.0, 2.0, 9.0], [3.0, 0.0, 9.0]]])).tolist() == [[[3.0]]]


def test_letters_without_an_active_value_have_no_share():
    assert np.isnan(pooling.changed_share(np.zeros((1, 2, 2)), np.zeros((1, 2, 2)))).all()


@given(seed=st.integers(0, 1000), size=st.sampled_from([3, 5]))
def test_the_detector_against_a_plain_loop(seed, size):
    picture = np.random.default_rng(seed).random((1, 6, 7))
    kernel = pooling.stroke_detector(size)
    padded = np.pad(picture[0], size // 2)
    expected = [
        [max(0.0, float((padded[y : y + size, x : x + size] * kernel).sum())) for x in range(7)] for y in range(6)
    ]
    assert pooling.detect(picture, kernel)[0] == pytest.approx(np.array(expected))
    assert kernel.sum() == pytest.approx(0)


def test_a_turned_template_answers_best_to_its_own_angle(artefacts):
    artefacts.make("max-pool-rotation")
    rows = artefacts.rows("max-pool-rotation")
    for angle in ("-45", "0", "45"):
        best = max(rows, key=lambda row, angle=angle: float(row[f"filter {angle}"]))
        assert float(best["angle"]) == float(angle)
        assert float(best[f"filter {angle}"]) == pytest.approx(1)
    for row in rows:
        assert float(row["pooled"]) == max(float(row[f"filter {angle}"]) for angle in ("-45", "0", "45"))


def test_centred_scores_have_no_shift_left():
    scores = np.random.default_rng(0).normal(size=(5, 5))
    shifted = scores + np.arange(5)[:, None] - 3 * np.arange(5)[None] + 7
    found = centred(scores)
    np.testing.assert_allclose(centred(shifted), found, atol=1e-12)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.mean(axis=1), 0, atol=1e-12)


def test_pairs_of_letters_do_not_reach_over_the_end_of_a_word():
    # The words ABA and CB: A then B, B then A, and C then B, but not A then C.
    split = StoredSplit({"inputs": np.zeros(5), "targets": np.array([0, 1, 0, 2, 1]), "offsets": np.array([0, 3, 5])})
    assert {tuple(place) for place in np.argwhere(bigrams(split, 3)).tolist()} == {(0, 1), (1, 0), (2, 1)}
