"""Networks of section 3 of course-notes: the table of ImageNet networks, the notes' CNN, transfer learning."""

import numpy as np
import pytest
from fabricated_notes import BEST
from rework.artefacts.course_notes.imagenet_table import network_of
from rework.artefacts.course_notes.transfer_learning import choose_pictures
from sklearn.metrics import top_k_accuracy_score
from torchvision.models import DenseNet121_Weights, ResNet50_Weights

WRITEUP = "course-notes"


def test_errors_are_those_of_torchvisions_own_weights():
    network = network_of("resnet-50", "ResNet-50", "resnet50")
    first, newer = ResNet50_Weights.IMAGENET1K_V1, ResNet50_Weights.IMAGENET1K_V2
    for weights, found in ((first, network.errors), (newer, network.newer)):
        stated = weights.meta["_metrics"]["ImageNet-1K"]
        assert found["top_1_error"] == pytest.approx(1 - stated["acc@1"] / 100)
        assert found["top_5_error"] == pytest.approx(1 - stated["acc@5"] / 100)
    assert network.file in first.url
    assert network.parameters == first.meta["num_params"]


def test_weights_that_were_never_trained_anew_have_no_newer_errors():
    network = network_of("densenet-121", "DenseNet-121", "densenet121")
    assert not network.newer
    assert network.file == "a639ec97"
    assert network.errors["top_1_error"] == pytest.approx(1 - _acc(DenseNet121_Weights.IMAGENET1K_V1) / 100)


def _acc(weights):
    return weights.meta["_metrics"]["ImageNet-1K"]["acc@1"]


def test_every_network_of_the_notes_is_compared_and_nothing_is_said_to_be_measured(artefacts):
    sidecar = artefacts.make("imagenet-table")
    assert len(sidecar["values"]) == 42
    assert all(value["published"] is not None for value in sidecar["values"])
    assert {value["reproduced"]["interval"] for value in sidecar["values"]} == {"exact"}
    assert "Not measured here" in sidecar["caption"]
    rows = artefacts.rows("imagenet-table")
    assert len(rows) == 21
    same = [row["network"] for row in rows if row["file"] == "the same"]
    assert len(same) == len(sidecar["facts"]["same_files"])


def test_sizes_of_the_notes_cnn_agree_with_the_formula(artefacts):
    sidecar = artefacts.make("notes-cnn")
    facts = sidecar["facts"]
    assert facts["agree"] == facts["compared"] == 8, "two worked examples, three convolutions and three poolings"
    # 3 x 3 kernels and biases; 64 x 4 x 4 inputs of the first affine layer.
    assert facts["parameters"] == 16 * 28 + 32 * 145 + 64 * 289 + 500 * 1025 + 10 * 501
    found = {(value["key"], value["metric"]): value["reproduced"]["mean"] for value in sidecar["values"]}
    assert (found["stride-1", "output_size"], found["stride-2", "output_size"]) == (5, 3)
    rows = {row["layer"]: row for row in artefacts.rows("notes-cnn")}
    assert [rows[name]["output"] for name in ("conv3", "fc1", "fc2")] == ["64 × 8 × 8", "500", "10"]


def test_the_kept_epochs_are_told_and_compared_with(artefacts):
    facts = artefacts.make("notes-cnn")["facts"]
    seeds = artefacts.settings("notes-cnn").runs[0].seeds
    assert facts["kept_epochs"] == [BEST] * len(seeds)
    assert facts["reloaded"] == {"trainings": len(seeds), "equal": len(seeds), "difference": 0}


def test_pictures_are_chosen_by_the_rule():
    probabilities = np.array(
        [[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [0.1, 0.5, 0.4], [0.4, 0.2, 0.4], [0.0, 0.2, 0.8]]
    )
    targets = np.array([0, 0, 1, 1, 2, 2])  # wrong: the second, the third and, as the first of equals, the fifth
    guesses = choose_pictures(probabilities, targets, 4)
    assert [guess.picture for guess in guesses] == [1, 2, 3, 5], "the surest mistakes, then the least sure hits"
    assert guesses[0].classes == (1, 0, 2)
    assert guesses[0].probabilities == (0.7, 0.2, 0.1)
    assert [guess.picture for guess in choose_pictures(probabilities, probabilities.argmax(axis=1), 2)] == [4, 3]
    assert len(choose_pictures(probabilities, np.array([1, 0, 1, 0, 1, 0]), 4)) == 4, "without hits, all are mistakes"


@pytest.mark.parametrize("name", ["transfer-learning", "transfer-densenet"])
def test_transfer_learning_shows_its_first_run_and_measures_all(artefacts, name):
    sidecar = artefacts.make(name)
    runs = artefacts.settings(name).runs
    values = {(value["key"], value["metric"]): value["reproduced"]["values"] for value in sidecar["values"]}
    for run in runs:
        stored = [artefacts.predictions(run.run, seed) for seed in run.seeds]
        assert values[run.run, "top_5_accuracy"] == [
            top_k_accuracy_score(one["targets"], one["probabilities"], k=5, labels=range(17)) for one in stored
        ]
    shown = [row for row in artefacts.rows(name) if row["what"] == "probability"]
    first = artefacts.predictions(runs[0].run, runs[0].seeds[0])
    assert len(shown) == 8 * 5
    for row in shown:
        assert float(row["value"]) in first["probabilities"][int(row["test picture"])]
    assert sidecar["facts"]["pictures"] == 8
    assert sidecar["facts"]["reloaded"]["equal"] == sum(len(run.seeds) for run in runs)
    assert len(sidecar["data"]) == 2, "the pictures and the pretrained weights"
