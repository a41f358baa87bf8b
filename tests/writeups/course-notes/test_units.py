"""Single units of course-notes: rules against loops, the course's known answers, fits against scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rework.artefacts.course_notes.admission_inputs import ranks_apart
from rework.artefacts.course_notes.single_units import (
    RULES,
    accuracy_of,
    cross_entropy_of,
    fitted_unit,
    random_starts,
    visit_points,
)
from rework.catalogue.catalogue import load_catalogue
from rework.datasets import admissions, two_class_points
from sklearn.linear_model import LogisticRegression
from workflow_copy import REPOSITORY

WRITEUP = "course-notes"


def by_loop(points, labels, start, rule, rate, epochs):
    """Return the unit after some epochs, written out for one start and one number at a time."""
    *weights, bias = map(float, start)
    for _ in range(epochs):
        for point, label in zip(points.tolist(), labels.tolist(), strict=True):
            score = sum(w * x for w, x in zip(weights, point, strict=True)) + bias
            prediction = 1 / (1 + np.exp(-score)) if rule == "gradient descent" else float(score >= 0)
            for place, x in enumerate(point):
                weights[place] += rate * (label - prediction) * (1 if rule == "perceptron as printed" else x)
            bias += rate * (label - prediction)
    return [*weights, bias]


@settings(deadline=None)
@given(seed=st.integers(0, 100), rule=st.sampled_from(list(RULES)), features=st.integers(1, 3))
def test_all_starts_at_once_are_each_start_alone(seed, rule, features):
    generator = np.random.default_rng(seed)
    points, labels = generator.standard_normal((12, features)), generator.integers(0, 2, 12).astype(float)
    starts = generator.standard_normal((3, features + 1))
    found = visit_points(points, labels, starts, rule, 0.3, 4)
    assert found.shape == (5, 3, features + 1)
    for number, start in enumerate(starts):
        assert found[0, number] == pytest.approx(start)
        assert found[-1, number] == pytest.approx(by_loop(points, labels, start, rule, 0.3, 4))


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 50))
def test_the_printed_rule_never_changes_a_difference_of_weights(seed):
    generator = np.random.default_rng(seed)
    points, labels = generator.standard_normal((20, 3)), generator.integers(0, 2, 20).astype(float)
    units = visit_points(points, labels, generator.standard_normal((2, 4)), "perceptron as printed", 0.1, 3)
    assert units[..., 0] - units[..., 1] == pytest.approx(np.broadcast_to(units[0, :, 0] - units[0, :, 1], (4, 2)))
    assert units[..., 0] - units[..., 3] == pytest.approx(np.broadcast_to(units[0, :, 0] - units[0, :, 3], (4, 2)))


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 50))
def test_the_perceptron_comes_to_rest_where_a_line_separates_the_points(seed):
    generator = np.random.default_rng(seed)
    points = generator.uniform(-1, 1, (40, 2))
    distances = points @ (1.0, -2.0) + 0.3
    points, labels = points[abs(distances) > 0.2], (distances > 0).astype(float)[abs(distances) > 0.2]
    units = visit_points(points, labels, np.zeros((1, 3)), "perceptron", 0.1, 100)
    assert (units[-1] == units[-2]).all()
    assert accuracy_of(units[-1, 0], points, labels) == 1


def test_losses_by_hand():
    unit, points, labels = np.array([1.0, -1.0, 0.5]), np.array([[0.5, 1.0], [2.0, 0.5]]), np.array([1.0, 0.0])
    assert accuracy_of(unit, points, labels) == 0.5  # scores 0, which counts as class 1, and 2
    expected = (np.log(2) - np.log(1 - 1 / (1 + np.exp(-2)))) / 2
    assert cross_entropy_of(unit, points, labels) == pytest.approx(expected)
    assert cross_entropy_of(1000 * unit, points, labels) == pytest.approx((np.log(2) + 2000) / 2)


def test_the_first_start_is_that_of_the_course():
    state = np.random.RandomState(44)
    assert random_starts(44, 2, 3)[0, :2].tolist() == state.normal(scale=2**-0.5, size=2).tolist()
    assert random_starts(44, 2, 3)[:, 2].tolist() == [0, 0, 0]


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 30))
def test_a_fitted_unit_is_that_of_scikit_learn(seed):
    generator = np.random.default_rng(seed)
    points = generator.standard_normal((80, 3)) * (1, 30, 0.2) + (0, 500, 3)
    scores = (points - points.mean(0)) / points.std(0) @ (1, -0.7, 0.4)
    labels = (generator.random(80) < 1 / (1 + np.exp(-scores))).astype(float)
    unit = fitted_unit(points, labels)
    scaled = (points - points.mean(0)) / points.std(0)
    other = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(scaled, labels)
    assert unit[:3] * points.std(0) == pytest.approx(other.coef_[0], abs=1e-4)
    assert unit[3] + unit[:3] @ points.mean(0) == pytest.approx(other.intercept_[0], abs=1e-4)


def course_file(real_data, asset):
    """Return the folder of an asset's file among real data, with the name that its data set reads, or skip."""
    wanted = load_catalogue(REPOSITORY).assets[asset]
    for path in real_data.rglob("*.csv"):
        if path.stat().st_size == wanted.bytes:
            return path
    pytest.skip(f"no file of {wanted.bytes} bytes in {real_data}")


@pytest.mark.real_data
def test_the_known_answers_of_the_exercise(real_data, tmp_path, settings_of_table):
    path = course_file(real_data, "gradient-descent-points")
    (tmp_path / two_class_points.FILE).write_bytes(path.read_bytes())
    columns = two_class_points.read(tmp_path, settings_of_table("two-class-points")).columns
    points, labels = np.column_stack([columns["x1"], columns["x2"]]), columns["label"]
    units = visit_points(points, labels, random_starts(44, 2, 1), "gradient descent", 0.01, 100)[:, 0]
    for epoch, loss, accuracy in ((1, 0.7136, 0.40), (51, 0.4253, 0.93), (100, 0.3249, 0.94)):
        assert cross_entropy_of(units[epoch], points, labels) == pytest.approx(loss, abs=5e-5)
        assert accuracy_of(units[epoch], points, labels) == pytest.approx(accuracy)
    assert units[-1] == pytest.approx([-3.673, -3.021, 3.280], abs=6e-4)
    assert units[-1].tolist() == pytest.approx(by_loop(points, labels, units[0], "gradient descent", 0.01, 100))


@pytest.mark.real_data
def test_the_students_are_those_of_the_course(real_data, tmp_path, settings_of_table):
    (tmp_path / admissions.FILE).write_bytes(course_file(real_data, "admissions").read_bytes())
    columns = admissions.read(tmp_path, settings_of_table("admissions")).columns
    assert len(columns["admit"]) == 400
    assert columns["admit"].sum() == 127


def test_the_boundaries_are_fitted_to_the_stored_points(artefacts):
    facts = artefacts.make("decision-boundaries")["facts"]
    rows = artefacts.rows("decision-boundaries")
    for kind, found in facts.items():
        own = [row for row in rows if row["boundary"] == kind]
        right = [(float(row["score"]) >= 0) == (row["label"] == "1") for row in own]
        assert sum(right) / len(right) == found["accuracy"]
        ones = sum(row["label"] == "1" for row in own) / len(own)
        assert found["majority"] == max(ones, 1 - ones) <= found["accuracy"] + 0.1


def test_six_inputs_of_a_student(artefacts):
    artefacts.make("decision-boundaries")
    row = next(row for row in artefacts.rows("decision-boundaries") if row["boundary"] == "hyperplane")
    assert sum(float(row[f"rank {rank}"]) for rank in range(1, 5)) == 1


def test_ranks_apart_by_hand():
    students = pd.DataFrame({"admit": [1.0], "gre": [600.0], "gpa": [3.0], "rank": [2.0]})
    assert ranks_apart(students).iloc[0].to_dict() == {
        "gre": 0.75,
        "gpa": 0.75,
        "rank 1": 0,
        "rank 2": 1,
        "rank 3": 0,
        "rank 4": 0,
    }


def test_the_three_rules_are_stored_epoch_by_epoch(artefacts):
    facts = artefacts.make("perceptron-training")["facts"]
    rows = artefacts.rows("perceptron-training")
    assert len(rows) == 3 * 101
    last = {row["rule"]: row for row in rows if row["epoch"] == "100"}
    assert facts["ends"] == {rule: float(row["accuracy"]) for rule, row in last.items()}
    unit = [float(last["gradient descent"][name]) for name in ("w1", "w2", "b")]
    assert unit == pytest.approx(facts["unit"])
    assert facts["drift"] < 1e-12
    starts = {tuple(row[name] for name in ("w1", "w2", "b")) for row in rows if row["epoch"] == "0"}
    assert len(starts) == 1, "all three start at the same boundary"
