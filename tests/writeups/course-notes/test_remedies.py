"""Early stopping, penalties, activation functions and descents of course-notes against independent computations."""

import numpy as np
import pandas as pd
import pytest
import torch
from fabricated_notes import BEST, EPOCHS
from hypothesis import given, settings
from hypothesis import strategies as st
from rework.artefacts.course_notes import error_surface as surface
from rework.artefacts.course_notes.activation_functions import epochs_to
from rework.artefacts.course_notes.early_stopping import stopping_epoch
from rework.artefacts.course_notes.penalised import fit_units, losses_of
from rework.artefacts.course_notes.regularisation import random_splits
from rework.recorded import read_record
from scipy.optimize import check_grad, minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

WRITEUP = "course-notes"


@given(losses=st.lists(st.integers(0, 9), min_size=1, max_size=12), patience=st.integers(1, 4))
def test_a_training_stops_after_waiting_in_vain(losses, patience):
    stop = stopping_epoch(np.array(losses, dtype=float), patience)
    for epoch in range(1, len(losses) + 1):
        first_least = losses.index(min(losses[:epoch])) + 1
        if epoch - first_least == patience:
            assert stop == epoch
            return
    assert stop == len(losses)


def test_early_stopping_reads_the_histories(artefacts):
    facts = artefacts.make("early-stopping")["facts"]
    assert facts["best"] == facts["kept"] == [BEST] * 5
    assert facts["stops"] == [EPOCHS] * 5, "the made-up trainings end before the patience does"
    patient = artefacts.make("early-stopping", patience=1)["facts"]
    assert patient["stops"] == [BEST + 1] * 5
    losses = {
        run: np.mean([artefact_metric(artefacts, run, seed) for seed in range(5)])
        for run in ("classifier", "classifier-stopped")
    }
    assert facts["saved_loss"] == pytest.approx(losses["classifier"] - losses["classifier-stopped"])
    assert facts["last"] - facts["least"] == pytest.approx(0.1 * (EPOCHS - BEST))


def artefact_metric(artefacts, run, seed, metric="test_loss"):
    return read_record(artefacts.run_dir(run, seed) / "metrics.json")["metrics"][metric]["value"]


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 100), penalty=st.sampled_from(["L1", "L2"]))
def test_penalised_units_are_those_of_scikit_learn(seed, penalty):
    generator = np.random.default_rng(seed)
    inputs = generator.standard_normal((2, 60, 5))
    labels = (generator.random((2, 60)) < 1 / (1 + np.exp(-inputs[..., 0] + 0.5))).astype(float)
    strengths = np.array([0.003, 0.05])
    units = fit_units(inputs, labels, strengths, penalty)
    losses = losses_of(units, inputs, labels)
    for choice in range(2):
        for place, strength in enumerate(strengths):
            # Scikit-learn takes C times the summed loss plus |w| or half of w².
            factor = 60 * strength * (1 if penalty == "L1" else 2)
            other = LogisticRegression(
                C=1 / factor, l1_ratio=float(penalty == "L1"), solver="saga", tol=1e-9, max_iter=20000
            ).fit(inputs[choice], labels[choice])
            assert units[choice, place, :-1] == pytest.approx(other.coef_[0], abs=1e-4)
            assert units[choice, place, -1] == pytest.approx(other.intercept_[0], abs=1e-4)
            probabilities = other.predict_proba(inputs[choice])
            assert losses[choice, place] == pytest.approx(log_loss(labels[choice], probabilities), abs=1e-4)


def test_a_strong_l1_leaves_only_the_bias():
    generator = np.random.default_rng(1)
    labels = (generator.random((1, 50)) < 0.3).astype(float)
    unit = fit_units(generator.standard_normal((1, 50, 3)), labels, np.array([5.0]), "L1")[0, 0]
    assert unit[:3].tolist() == [0, 0, 0]
    share = labels.mean()
    assert unit[3] == pytest.approx(np.log(share / (1 - share)), abs=1e-6)


def test_random_splits_share_nobody_and_are_scaled_by_their_training_part():
    points = np.random.default_rng(0).standard_normal((30, 2)) * 5 + 3
    parts = random_splits(points, np.arange(30.0), 4, 5, np.random.default_rng(2))
    for split in range(4):
        drawn = [set(parts.labels[name][split]) for name in ("train", "validation", "test")]
        assert [len(part) for part in drawn] == [20, 5, 5]
        assert set.union(*drawn) == set(range(30))
        assert parts.inputs["train"][split].mean(axis=0) == pytest.approx([0, 0])
        assert parts.inputs["train"][split].std(axis=0) == pytest.approx([1, 1])
    rows = parts.labels["train"][0].astype(int)
    scaled = (points[parts.labels["test"][0].astype(int)] - points[rows].mean(0)) / points[rows].std(0)
    assert parts.inputs["test"][0] == pytest.approx(scaled)


def test_the_table_of_penalties(artefacts):
    facts = artefacts.make("regularisation")["facts"]
    for noise in facts["noise"]:
        almost, l1, l2 = (row for row in facts["rows"] if row["noise"] == noise)
        assert l2["zeros"] == 0 <= l1["zero_noise"] <= min(noise, l1["zeros"])
        assert almost["sum"] > l1["sum"]
        assert almost["train"] < min(l1["train"], l2["train"]) + 1e-9, "a penalty can only cost on the training part"
    strengths = {float(row["strength"]) for row in artefacts.rows("regularisation")}
    assert len(strengths) == 13
    assert (min(strengths), max(strengths)) == pytest.approx((1e-4, 0.3))


def test_epochs_to_another_loss():
    slow, fast = np.array([[3.0, 2.0, 1.0], [3.0, 2.0, 1.2]]), np.array([[2.0, 1.1, 0.5], [2.0, 1.1, 0.6]])
    assert epochs_to(fast, slow) == 2
    assert epochs_to(slow, slow) == 3
    assert epochs_to(slow, fast) is None


def test_activation_functions_are_those_of_autograd(artefacts):
    artefacts.make("activation-functions")
    data = pd.DataFrame(artefacts.rows("activation-functions"))
    for name, function in (("sigmoid", torch.sigmoid), ("tanh", torch.tanh), ("relu", torch.relu)):
        own = data[data["function"] == name]
        scores = own[own["quantity"] == "value"]["at"].to_numpy(float)
        inputs = torch.from_numpy(scores.copy()).requires_grad_()
        outputs = function(inputs)
        outputs.sum().backward()
        assert own[own["quantity"] == "value"]["value"].to_numpy(float) == pytest.approx(outputs.detach().numpy())
        slopes = own[own["quantity"] == "derivative"]["value"].to_numpy(float)
        away = np.abs(scores) > 1e-9  # ReLU has no derivative at 0
        assert slopes[away] == pytest.approx(inputs.grad.numpy()[away])


def test_losses_are_listed_for_epochs_that_were_trained(artefacts):
    sidecar = artefacts.make("activation-functions", shown=[1, 3, 10])
    labels = [column["label"] for column in sidecar["table"]["columns"]]
    assert "training loss, epoch 3" in labels
    assert "training loss, epoch 10" not in labels, "the made-up trainings have four epochs"


def test_the_slope_and_the_minimum_of_the_curve():
    error = lambda w: float(surface.error(np.asarray(w)).item())  # noqa: E731 - one number for scipy
    for weight in np.linspace(-6, 6, 25):
        gradient = lambda w: np.atleast_1d(surface.slope(np.asarray(w)))  # noqa: E731
        assert check_grad(error, gradient, [weight]) < 1e-5
    least = min(
        (minimize_scalar(error, bounds=(left, left + 1), method="bounded") for left in np.arange(-6, 6)),
        key=lambda found: found.fun,
    )
    assert surface.global_minimum() == pytest.approx(least.x, abs=1e-4)
    assert float(surface.slope(np.array(surface.global_minimum()))) == pytest.approx(0, abs=1e-12)


@given(
    start=st.floats(-6, 6), rate=st.floats(0.001, 0.3), momentum=st.floats(0, 0.99), decay=st.floats(0.5, 1),
)  # fmt: skip
def test_descents_are_those_of_a_loop(start, rate, momentum, decay):
    descent = surface.Descent(rate, momentum, decay)
    path = surface.descend(np.array([start, 1.0]), descent, 20)
    assert path.shape == (21, 2)
    weight, step = start, 0.0
    for number in range(20):
        step = momentum * step - rate * decay**number * (0.2 * (weight - 1) - 3 * np.sin(3 * weight))
        weight += step
    assert path[-1, 0] == pytest.approx(weight, rel=1e-6, abs=1e-6)


def test_momentum_is_that_of_torch():
    weight = torch.tensor([-4.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([weight], lr=0.02, momentum=0.9)
    for _ in range(15):
        optimiser.zero_grad()
        (0.1 * (weight - 1) ** 2 + torch.cos(3 * weight)).sum().backward()
        optimiser.step()
    path = surface.descend(np.array([-4.0]), surface.Descent(0.02, 0.9), 15)
    assert path[-1, 0] == pytest.approx(weight.item())


@given(successes=st.lists(st.booleans(), min_size=10, max_size=60))
def test_the_best_of_several_starts(successes):
    shares = surface.best_of(np.array(successes), 10)
    assert shares[0] == pytest.approx(np.mean(successes))
    for size, share in enumerate(shares, start=1):
        groups = [successes[k : k + size] for k in range(0, len(successes) - size + 1, size)]
        assert share == pytest.approx(np.mean([any(group) for group in groups]))


def test_remedies_are_counted_over_the_same_starts(artefacts):
    facts = artefacts.make("restart-momentum")["facts"]
    assert facts["restarts"][0] == facts["reached"]["plain"]
    rows = artefacts.rows("restart-momentum")
    by_momentum = {row["at"]: float(row["value"]) for row in rows if row["quantity"] == "reached, by momentum"}
    assert by_momentum["0.0"] == facts["reached"]["plain"]
    assert by_momentum["0.95"] == facts["reached"]["momentum"]
    assert max(by_momentum.values()) == facts["best_momentum"]["reached"] < 1


def test_dropout_is_compared_on_both_splits(artefacts):
    sidecar = artefacts.make("dropout-effect")
    measured = {(value["key"], value["metric"]) for value in sidecar["values"]}
    assert measured == {
        (run, metric)
        for run in ("classifier", "classifier-dropout")
        for metric in ("test_loss", "test_accuracy", "generalisation_gap")
    }


def test_claims_are_checked_over_the_seeds(artefacts):
    results = {claim["id"]: claim["result"] for claim in artefacts.make("claims")["claims"]}
    assert list(results) == [claim.id for claim in artefacts.settings("claims").claims]
    assert results["conv3-2-judged-best"] == "not run"
    assert results["lstm-remembers-longer"] == "holds", "the made-up reach is twice as large"
    assert results["tanh-trains-faster"] in ("holds", "does not hold", "undecided")
