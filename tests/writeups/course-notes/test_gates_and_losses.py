"""Gates, output functions, cross-entropy and back-propagation of course-notes against independent computations."""

from itertools import product
from math import log

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from rework.artefacts.course_notes.backpropagation import one_pass
from rework.artefacts.course_notes.cross_entropies import vanishing_product
from rework.artefacts.course_notes.perceptron_logic import GATES, INPUTS, computable, exclusive_or
from rework.numpy_network.network import Layer, Network
from scipy.optimize import linprog

WRITEUP = "course-notes"


def test_gates_by_python():
    named = {"AND": lambda a, b: a and b, "OR": lambda a, b: a or b, "NAND": lambda a, b: not (a and b)}
    named["NOT of the second input"] = lambda _, b: not b
    for name, (unit, wanted) in GATES.items():
        function = named[name.partition(":")[0]]
        assert tuple(unit.outputs(INPUTS)) == wanted == tuple(int(function(a, b)) for a, b in INPUTS.tolist())
    assert exclusive_or(INPUTS).tolist() == [a != b for a, b in INPUTS.tolist()]


def is_computable(outputs):
    """Return whether one perceptron has these outputs, by linear programming: a score of at least 0, or at most -1."""
    signs = np.where(np.array(outputs) == 1, -1, 1)
    rows = signs[:, None] * np.column_stack([INPUTS, np.ones(4)])
    found = linprog(np.zeros(3), rows, np.where(np.array(outputs) == 1, 0, -1), bounds=(None, None))
    return found.status == 0


def test_what_one_perceptron_can_compute():
    expected = {outputs for outputs in product((0, 1), repeat=4) if is_computable(outputs)}
    assert computable(3) == expected
    assert len(expected) == 14


def test_the_table_of_gates(artefacts):
    sidecar = artefacts.make("perceptron-logic")
    assert sidecar["facts"] == {**sidecar["facts"], "wrong": 0, "possible": 14, "decreased": [0, 0, 0, 0]}
    rows = {row["gate"]: row for row in artefacts.rows("perceptron-logic")}
    assert [rows["XOR: two layers"][name] for name in ("00", "01", "10", "11")] == ["0", "1", "1", "0"]


def test_what_was_never_found_is_named(artefacts):
    assert artefacts.make("perceptron-logic")["caption"].endswith("never found: XOR, its opposite.")
    coarse = artefacts.make("perceptron-logic", grid=1)
    assert coarse["facts"]["possible"] == len(computable(1)) <= 14


def test_output_functions_are_those_of_torch(artefacts):
    sidecar = artefacts.make("output-functions")
    rows = artefacts.rows("output-functions")
    scores = torch.tensor([float(row["score"]) for row in rows], dtype=torch.float64)
    ours = [float(row["sigmoid"]) for row in rows]
    assert ours == pytest.approx(torch.sigmoid(scores).tolist(), abs=1e-15)
    three = torch.stack([scores, torch.ones_like(scores), -torch.ones_like(scores)], dim=1).softmax(dim=1)
    for number, column in enumerate(three.T, start=1):
        assert [float(row[f"softmax, class {number}"]) for row in rows] == pytest.approx(column.tolist(), abs=1e-15)
    assert 0 <= sidecar["values"][0]["reproduced"]["mean"] < 1e-12


def test_cross_entropy_by_hand(artefacts):
    sidecar = artefacts.make("cross-entropy")
    sums = [float(row["sum"]) for row in artefacts.rows("cross-entropy")]
    by_hand = [-log(0.8 * 0.7 * 0.9), -log(0.2 * 0.3 * 0.1), -log(0.7 * 0.4 * 0.4)]
    assert sums == pytest.approx(by_hand, rel=1e-12)
    assert 0 < sidecar["values"][0]["reproduced"]["mean"] < 1e-6, "single precision is never exact here"


def test_other_probabilities_change_the_losses(artefacts):
    artefacts.make("cross-entropy", events=[0.5, 0.5, 0.5])
    assert float(artefacts.rows("cross-entropy")[0]["sum"]) == pytest.approx(3 * log(2))


def test_when_a_product_vanishes():
    # The least positive double is 2^-1074; half of it rounds to 0.
    assert vanishing_product(0.5) == 1075
    assert vanishing_product(0.25) == 538


@given(seed=st.integers(0, 200), target=st.integers(0, 1), inputs=st.integers(1, 4), hidden=st.integers(1, 4))
def test_a_pass_is_that_of_autograd(seed, target, inputs, hidden):
    generator = np.random.default_rng(seed)
    network = Network(
        (
            Layer(generator.standard_normal((inputs, hidden)), generator.standard_normal(hidden), "sigmoid"),
            Layer(generator.standard_normal((hidden, 1)), generator.standard_normal(1), "linear"),
        )
    )
    example = generator.standard_normal((1, inputs))
    found = one_pass(network, example, target)
    tensors = {name: torch.from_numpy(array).requires_grad_() for name, array in found.parameters.items()}
    scores = torch.from_numpy(example) @ tensors["layer1.weight"] + tensors["layer1.bias"]
    scores.retain_grad()
    output = torch.sigmoid(scores) @ tensors["layer2.weight"] + tensors["layer2.bias"]
    loss = torch.nn.functional.binary_cross_entropy_with_logits(output, torch.full_like(output, target))
    loss.backward()
    assert found.loss == pytest.approx(loss.item())
    assert found.deltas[0] == pytest.approx(scores.grad[0].numpy(), abs=1e-12)
    for name, tensor in tensors.items():
        assert found.gradients[name] == pytest.approx(tensor.grad.numpy(), abs=1e-12)


def test_every_gradient_of_the_drawn_network_is_a_slope_of_its_loss(artefacts):
    facts = artefacts.make("backpropagation")["facts"]
    rows = {row["parameter"]: row for row in artefacts.rows("backpropagation")}
    assert len(rows) == 2 * 2 + 2 + 2 + 1
    names = ("x1 → h1", "x2 → h1", "bias of h1", "x1 → h2", "x2 → h2", "bias of h2", "h1 → p", "h2 → p", "bias of p")
    values = np.array([float(rows[name]["value"]) for name in names])
    assert facts["loss"] == pytest.approx(small_network(values))
    for place, name in enumerate(names):
        step = 1e-6 * np.eye(9)[place]
        slope = (small_network(values + step) - small_network(values - step)) / 2e-6
        assert float(rows[name]["gradient"]) == pytest.approx(slope, abs=1e-8)
    updated = np.array([float(rows[name]["updated"]) for name in names])
    assert facts["after"] == pytest.approx(small_network(updated))
    assert facts["after"] < facts["loss"]


def small_network(w):
    """Return the loss of the drawn example, class 1, with the parameters in the order of the test above."""
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731 - a formula
    x1, x2 = 1.0, -0.5
    first, second = sigmoid(w[0] * x1 + w[1] * x2 + w[2]), sigmoid(w[3] * x1 + w[4] * x2 + w[5])
    return -np.log(sigmoid(w[6] * first + w[7] * second + w[8]))


def test_gradients_are_single_precision_away_from_the_librarys(artefacts):
    value = artefacts.make("backpropagation")["values"][0]["reproduced"]["mean"]
    assert 0 < value < 1e-6
