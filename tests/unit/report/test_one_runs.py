"""Below which tables the report says what one run of each network can tell, and what it says."""

from types import SimpleNamespace

import pytest
from rework.report.one_runs import one_runs


def value(key, published, values, **others):
    found = {"values": values, "seeds": list(range(len(values)))}
    shared = {"metric": "test_accuracy", "unit": "%", "relation": "=", "label": f"the {key}"}
    return {**shared, "key": key, "published": published, "reproduced": found, **others}


def entry(*values, **others):
    runs = [{"run": "a"}, {"run": "b"}]
    return {"id": "w/table", "writeup": "w", "status": "built", "runs": runs, "values": values, **others}


def run(name, seed, validation):
    return SimpleNamespace(id=f"w/{name}", seed=seed, metrics={"validation_accuracy": {"value": validation}})


def told(entry, runs=(), sample=False):
    return one_runs(SimpleNamespace(entries=[entry], runs=runs, sample=sample)).get("w/table")


A, B = value("a", 0.5, [0.5, 0.7]), value("b", 0.6, [0.4, 0.6])


def test_the_published_winner_is_one_of_the_labels_and_the_counts_are_there():
    found = told(entry(A, B))
    assert (found.published_winner, found.best, found.combinations) == ("the b", "the a", 4)
    assert found.winner == 0.25
    assert found.by_validation is None


def test_the_validation_set_is_used_if_every_seed_has_it():
    runs = [run("a", 0, 0.1), run("a", 1, 0.2), run("b", 0, 0.3), run("b", 1, 0.0)]
    assert told(entry(A, B), runs).by_validation.best == 0.5
    assert told(entry(A, B), runs[:3]).by_validation is None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ((A, value("b", 0.6, [0.4])), "1 of the 2 networks has only one seed"),
        ((value("a", 0.5, [0.5]), value("b", 0.6, [0.4])), "each of the 2 networks has only one seed"),
    ],
)
def test_a_single_seed_is_said_to_tell_nothing(values, reason):
    assert told(entry(*values)) == reason


def test_two_equal_published_values_rank_nothing():
    c = value("c", 0.6, [0.1, 0.2])
    runs = [{"run": name} for name in "abc"]
    assert told(entry(A, B, c, runs=runs)) == "two of the published values are equal"


def test_the_sample_edition_ranks_nothing():
    assert told(entry(A, B), sample=True) is None


@pytest.mark.parametrize(
    "silent",
    [
        entry(A),
        entry(A, value("b", 0.6, [0.4, 0.6], relation="<=")),
        entry(A, value("b", None, [0.4, 0.6])),
        entry(A, value("b", 0.6, [0.4, 0.6], metric="train_accuracy")),
        entry(A, value("b", 0.6, [0.4, 0.6], unit="nats")),
        entry(A, value("epoch-2", 0.6, [0.4, 0.6])),
        entry(A, B, status="not run"),
    ],
    ids=["one value", "a bound", "not published", "training", "a loss", "not a run", "not run"],
)
def test_other_artefacts_have_no_such_line(silent):
    assert told(silent) is None
