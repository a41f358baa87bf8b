"""Section 5 of course-notes: cells and their parameters, memory against distance, the sine, and the language model."""

import numpy as np
import pytest
import torch
from fabricated import Artefacts
from rework import paths
from rework.artefacts.course_notes.char_lm import letter_entropy
from rework.artefacts.course_notes.rnn_cells import CELLS as FACTS
from rework.artefacts.course_notes.rnn_sine import half_wave, train_on_sine
from rework.datasets.store import open_dataset
from rework.models.recurrent_cells import CELLS

COURSE = {"hidden": 32, "points": 20, "learning_rate": 0.01}


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory):
    return Artefacts.made_up("course-notes", tmp_path_factory.mktemp("results"))


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize(("inputs", "hidden"), [(1, 1), (9, 32), (83, 512)])
def test_the_formula_counts_the_parameters_of_the_module(name, inputs, hidden):
    module = CELLS[name](inputs, hidden)
    assert FACTS[name].parameters(inputs, hidden) == sum(one.numel() for one in module.parameters())


def test_the_formula_in_words_is_the_one_computed():
    for facts in FACTS.values():
        python = facts.formula.replace("h(", "*h*(").replace("3h", "3*h").lstrip("*")
        assert eval(python, {"n": 9, "h": 32}) == facts.parameters(9, 32)


def test_the_table_has_what_was_measured(artefacts):
    sidecar = artefacts.make("rnn-cells")
    rows = artefacts.rows("rnn-cells")
    assert [row["label"] for row in rows] == ["RNN", "LSTM", "GRU", "peephole LSTM"]
    assert sidecar["facts"]["equal"]
    for row in rows:
        # Five inputs: four symbols and the mark.
        assert (int(row["inputs"]), int(row["hidden"])) == (5, 3)
        assert int(row["computed"]) == int(row["counted"])
        found = [artefacts.predictions(row["run"], seed) for seed in range(5)]
        accuracy = np.mean([one["right"].sum() / one["shown"].sum() for one in found])
        assert float(row["accuracy"]) == pytest.approx(accuracy)
    assert sidecar["facts"]["reach"]["memory-rnn"] == pytest.approx(2.4)
    assert sidecar["facts"]["reach"]["memory-lstm"] == 6


def test_memory_is_shown_for_each_seed_and_distance(artefacts):
    facts = artefacts.make("rnn-memory")["facts"]
    rows = artefacts.rows("rnn-memory")
    assert len(rows) == 4 * 5 * 6
    first = artefacts.predictions("memory-gru", 2)
    mine = [row for row in rows if row["run"] == "GRU" and row["seed"] == "2"]
    assert [int(row["right"]) for row in mine] == first["right"].tolist()
    assert [int(row["distance"]) for row in mine] == [1, 2, 3, 4, 5, 6]
    assert (facts["symbols"], facts["length"], facts["ends"]) == (4, 6, 1)
    last = [artefacts.predictions("memory-rnn", seed)["right"][-1] / 5 for seed in range(5)]
    assert facts["far"]["memory-rnn"] == pytest.approx(np.mean(last))


def test_half_waves_join_and_cover_half_a_period():
    first, second = (half_wave(step, 20) for step in (0, 1))
    assert len(first) == 21
    assert first[-1] == pytest.approx(second[0])
    assert second[-1] == pytest.approx(2 * np.pi)


def test_a_sine_is_learned_and_the_state_is_handed_on():
    found = train_on_sine(3, steps=75, **COURSE)
    again = train_on_sine(3, steps=2, **COURSE)
    np.testing.assert_array_equal(found.losses[:2], again.losses)
    assert found.losses[-1] < 0.01 * found.losses[0]
    expected = np.mean((found.outputs[4] - np.sin(half_wave(4, 20)[1:])) ** 2)
    assert found.losses[4] == pytest.approx(expected, rel=1e-5)
    # The first update, by torch's cells one value at a time.
    torch.manual_seed(3)
    layer, output = torch.nn.RNN(1, 32, batch_first=True), torch.nn.Linear(32, 1)
    cell = torch.nn.RNNCell(1, 32)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        getattr(cell, name).data = getattr(layer, f"{name}_l0").data
    state, said = torch.zeros(1, 32), []
    for value in np.sin(half_wave(0, 20))[:-1]:
        state = cell(torch.tensor([[value]]), state)
        said.append(output(state).item())
    np.testing.assert_allclose(found.outputs[0], said, rtol=1e-4, atol=1e-6)


def test_the_smallest_network_says_ello_with_the_numbers_shown(artefacts):
    facts = artefacts.make("hell-ello")["facts"]
    assert facts["said"] == "ello"
    rows = artefacts.rows("hell-ello")
    assert "".join(row["read"] for row in rows) == "hellhell"
    for row in rows:
        confidences = np.array([float(row[character]) for character in "helo"])
        shares = np.exp(confidences) / np.exp(confidences).sum()
        assert float(row["probability"]) == pytest.approx(shares["helo".index(row["next"])])
    # Torch's hidden states do not depend on what comes later, and the two l differ in theirs.
    assert rows[6]["hidden"] != rows[7]["hidden"]
    assert facts["after"] == pytest.approx(min(float(row["probability"]) for row in rows[4:]))


@pytest.mark.parametrize(("name", "run"), [("char-lm", "char-lstm-small"), ("char-lm-full", "char-lstm")])
def test_the_language_model_has_its_curves_and_passages(artefacts, name, run):
    options = {"start": "Marya", "length": 30, "temperatures": (0.5, 1.0)}
    sidecar = artefacts.make(name, **options)
    facts = sidecar["facts"]
    assert facts["perplexity"] == pytest.approx(
        np.mean([np.exp(1.9 + 0.25 + 0.01 * seed) for seed in artefacts.settings(name).runs[0].seeds])
    )
    assert [(len(one["text"]), one["temperature"]) for one in facts["written"]] == [(30, 0.5), (30, 1.0)]
    assert facts["written"] == artefacts.make(name, **options)["facts"]["written"]
    rows = artefacts.rows(name)
    for row in rows:
        if row["column"].endswith("_loss"):
            (other,) = (
                one
                for one in rows
                if one["column"] == row["column"].replace("loss", "perplexity")
                and (one["seed"], one["epoch"]) == (row["seed"], row["epoch"])
            )
            assert float(other["value"]) == pytest.approx(np.exp(float(row["value"])))
    assert {row["run"] for row in rows} == {artefacts.settings(name).runs[0].label}
    assert artefacts.settings(name).runs[0].run == run


def test_the_loss_of_frequencies_is_a_cross_entropy(artefacts):
    dataset = open_dataset(paths.dataset_dir(artefacts.results, "anna-karenina"))
    train, validation = (np.asarray(dataset.splits[split].targets).tolist() for split in ("train", "validation"))
    counts = {number: max(1, train.count(number)) for number in range(len(dataset.classes))}
    total = sum(counts.values())
    expected = -np.mean([np.log(counts[number] / total) for number in validation])
    assert letter_entropy(dataset) == pytest.approx(expected)
