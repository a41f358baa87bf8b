"""Section 2 of course-notes: tensors, losses and classifiers, made from made-up results and run anew."""

from pathlib import Path

import numpy as np
import pytest
import torch
from fabricated_notes import COUNT
from rework.artefacts.course_notes import loss_equivalence, tensor_views
from rework.artefacts.course_notes.classifier_curves import log_probabilities
from rework.artefacts.course_notes.tensor_views import CASES, TENSORS, run_case
from rework.models import feedforward
from rework.recorded import read_record, write_record
from sklearn.metrics import precision_recall_fscore_support, top_k_accuracy_score

WRITEUP = "course-notes"


def text_of(tensor):
    return " / ".join(" ".join(map(str, row)) for row in tensor.tolist())


def run_as_written(call):
    """Return what a line of code gives, and the text of the error that it raises."""
    names = {"x": TENSORS["x"](), "w": TENSORS["w"]()}
    try:
        return eval(call, {}, names), ""
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"


@pytest.mark.parametrize(("tensor", "method", "sizes"), CASES, ids=str)
def test_an_outcome_is_what_the_same_line_of_code_does(tensor, method, sizes):
    outcome = run_case(tensor, method, sizes)
    result, error = run_as_written(outcome.call)
    assert outcome.error == error
    assert outcome.failed == bool(error)
    if result is None:
        return
    assert outcome.shape == tuple(result.shape)
    if outcome.values:
        assert outcome.values == text_of(result)
    else:
        assert result.numel() > 12, "only numbers that nobody has set are left out"


def test_whose_numbers_a_result_has():
    memory = {f"{tensor}.{method}": set() for tensor, method, _ in CASES}
    for tensor, method, sizes in CASES:
        memory[f"{tensor}.{method}"].add(run_case(tensor, method, sizes).memory)
    assert memory["x.reshape"] == {"the same memory", ""}
    assert memory["x.t().reshape"] == {"a copy"}
    assert memory["x.resize_"] == {"changed in place"}
    assert memory["x.view"] == {"the same memory", ""}


def test_no_error_is_typed_into_the_library():
    """The texts of PyTorch's errors stand nowhere in the module that shows them."""
    for module in (tensor_views, loss_equivalence):
        source = Path(module.__file__).read_text()
        for part in ("invalid for input", "not compatible", "cannot be multiplied", "cannot resize", "forgot a comma"):
            assert part not in source


def test_the_views_are_told_in_facts(artefacts):
    facts = artefacts.make("tensor-views")["facts"]
    assert facts.pop("failed") == [
        *("x.reshape(2, 4)", "w.resize_(2, 4)", "x.view(2, 4)", "x.view(5, -1)", "x.t().view(2, 6)"),
    ]
    assert set(facts.values()) == {True}
    rows = artefacts.rows("tensor-views")
    assert len(rows) == len(CASES)
    assert all((row["shape"] == "") == row["outcome"].startswith("RuntimeError: ") for row in rows)


def test_both_losses_are_the_same_to_the_last_digit(artefacts):
    sidecar = artefacts.make("loss-equivalence")
    assert sidecar["verdict"] == "exact"
    assert sidecar["values"][0]["reproduced"]["mean"] <= 1e-6
    assert all(float(row["reference"]) < 1e-6 for row in artefacts.rows("loss-equivalence"))


def test_a_wrong_loss_would_be_seen():
    """Of another target, or of probabilities in place of logits."""
    torch.manual_seed(0)
    network, inputs = loss_equivalence.layers(((5, 4), (4, 3))), torch.rand(8, 5)
    targets = torch.randint(3, (8,))
    right = loss_equivalence.compare(network, inputs, targets, 1.0)
    reference = torch.nn.functional.cross_entropy(network(inputs), targets)
    assert right.loss == pytest.approx(float(reference.detach()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loss_equivalence.functional, "log_softmax", torch.nn.functional.softmax)
        wrong = loss_equivalence.compare(network, inputs, targets, 1.0)
    assert min(wrong.difference, wrong.gradients) > 0.1


def test_the_listing_fails_twice_and_runs_once_repaired():
    as_listed, with_commas, repaired = loss_equivalence.listing_errors()
    assert as_listed.startswith("SyntaxError: ")
    assert with_commas.startswith("RuntimeError: ")
    assert "64x128 and 126x64" in with_commas
    assert repaired == ""


def test_the_weights_alone_give_what_torch_computes():
    torch.manual_seed(3)
    model = feedforward.build(hidden=(7, 6, 5), dropout=0.2).eval()
    pictures = np.random.default_rng(0).integers(0, 256, (9, 1, 28, 28), dtype=np.uint8)
    scaled = torch.tensor(pictures).float().div(255).sub(0.5).div(0.5)
    with torch.inference_mode():
        expected = model(scaled).log_softmax(dim=1).numpy()
    found = log_probabilities(pictures, {name: tensor.numpy() for name, tensor in model.state_dict().items()})
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_the_classifiers_are_measured_as_scikit_learn_does(artefacts):
    sidecar = artefacts.make("classifier-curves")
    run = artefacts.settings("classifier-curves").runs[0]
    stored = [artefacts.predictions(run.run, seed) for seed in run.seeds]
    values = {(value["key"], value["metric"]): value["reproduced"]["values"] for value in sidecar["values"]}
    assert values[run.run, "top_5_accuracy"] == [
        top_k_accuracy_score(one["targets"], one["probabilities"], k=5, labels=range(10)) for one in stored
    ]
    assert values[run.run, "test_accuracy"] == [float((one["predictions"] == one["targets"]).mean()) for one in stored]
    precision, recall, _, _ = precision_recall_fscore_support(
        stored[1]["targets"], stored[1]["predictions"], labels=range(10), zero_division=np.nan
    )
    rows = [row for row in artefacts.rows("classifier-curves") if row["run"] == run.label and row["seed"] == "1"]
    for measure, expected in (("precision", precision), ("recall", recall)):
        found = [float(row["value"] or "nan") for row in rows if row["what"] == measure]
        np.testing.assert_allclose(found, expected)


def test_labels_from_stored_weights_are_counted(artefacts):
    sidecar = artefacts.make("classifier-curves")
    trainings = sum(len(run.seeds) for run in artefacts.settings("classifier-curves").runs)
    assert sidecar["facts"]["labels"] == sidecar["facts"]["same_labels"] == trainings * COUNT
    assert sidecar["facts"]["reloaded"] == {"trainings": trainings, "equal": trainings, "difference": 0}


def test_weights_that_measure_otherwise_once_loaded_are_counted(artefacts):
    path = artefacts.run_dir("classifier", 2) / "metrics.json"
    before = read_record(path)
    changed = {**before, "metrics": {**before["metrics"], "validation_loss": {"value": 9.0, "n": COUNT}}}
    write_record(path, changed)
    try:
        found = artefacts.make("classifier-curves")["facts"]["reloaded"]
    finally:
        write_record(path, before)
    assert found["equal"] == found["trainings"] - 1
    assert found["difference"] > 7
