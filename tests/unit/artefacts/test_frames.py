"""Data frames of artefacts: made of arrays and histories, written as CSV, shown as tables; and where pandas is not."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from fabricated_parts import record_outputs, write_table
from rework import paths
from rework.artefacts.context import ArtefactContext
from rework.artefacts.frames import elements, per_epoch, short
from rework.artefacts.make import build_artefact
from rework.artefacts.result import Built, Column, Table
from rework.settings.artefact import ArtefactSettings, RunReference

pytestmark = pytest.mark.slow

RUNS = (RunReference("one", "one layer", "points", (0, 1), 2), RunReference("two", "two layers", "points", (0,), 2))


def test_elements_of_an_array_are_counted_or_named():
    found = elements(np.array([[1.5, 2.5], [3.5, 4.5]]), "ink", {"picture": ["b", "a"], "row": None})
    assert found.to_dict("list") == {
        "picture": ["b", "b", "a", "a"],
        "row": [0, 1, 0, 1],
        "ink": [1.5, 2.5, 3.5, 4.5],
    }
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        elements(np.zeros((2, 2)), "ink", {"row": None})


def test_epochs_are_counted_from_one_and_seeds_are_columns():
    found = per_epoch(np.array([[0.1, 0.2], [0.3, 0.4]]), (4, 7))
    assert found.to_dict("list") == {"epoch": [1, 2], "seed4": [0.1, 0.2], "seed7": [0.3, 0.4]}


def test_a_table_shows_its_columns_with_texts_whole_numbers_and_gaps():
    data = pd.DataFrame({"name": ["a", None], "count": [3, 4], "share": [0.25, np.nan], "other": [1, 2]})
    table = Table.of(data, Column("share", "share"), Column("count", "count"), Column("name", "name"))
    assert table.rows == (
        {"share": 0.25, "count": 3, "name": "a"},
        {"share": None, "count": 4, "name": None},
    )
    assert [type(value) for value in table.rows[0].values()] == [float, int, str]
    assert Table.of(short(pd.DataFrame({"x": [1.24e-16]}), "x"), Column("x", "x")).rows == ({"x": "1.2e-16"},)


@pytest.fixture
def context(tmp_path):
    """Return the context of two runs with histories, one value of which was not measured."""
    for run in RUNS:
        for seed in run.seeds:
            folder = paths.run_dir(tmp_path, "tests", run.run, seed)
            folder.mkdir(parents=True)
            rows = [{"epoch": 1, "loss": 0.1 + 0.2, "distance": ""}, {"epoch": 2, "loss": 1e-17, "distance": seed}]
            write_table(folder / "history.csv", rows)
            record_outputs(folder)
    return ArtefactContext(ArtefactSettings("tests/x", "table", "", "", runs=RUNS), tmp_path)


def test_histories_are_read_to_the_last_digit(context):
    found = context.histories(*RUNS)
    assert found[["run", "seed", "epoch"]].to_numpy().tolist() == [
        [run.label, seed, epoch] for run in RUNS for seed in run.seeds for epoch in (1, 2)
    ]
    assert found["loss"].tolist() == 3 * [0.1 + 0.2, 1e-17]
    assert found["distance"].isna().tolist() == 3 * [True, False]
    assert set(context.inputs) == {f"runs/tests/{name}/history.csv" for name in ("one/seed0", "one/seed1", "two/seed0")}


def test_the_csv_has_all_digits_and_empty_fields(context, monkeypatch):
    data = pd.DataFrame({"name": ["a, b", None], "value": [0.1 + 0.2, np.nan], "count": [1, 2], "right": [True, False]})
    monkeypatch.setattr("rework.artefacts.make.artefact_function", lambda _settings: lambda _context: Built("C.", data))
    settings = ArtefactSettings("tests/x", "table", "", "", "rework.artefacts.recipes.claims.claims")
    path = build_artefact(settings, context.results)
    assert path.with_suffix(".csv").read_bytes() == (
        b'name,value,count,right\n"a, b",0.30000000000000004,1,True\n,,2,False\n'
    )


@pytest.mark.parametrize(
    "modules",
    [
        ("rework.catalogue.catalogue", "rework.catalogue.plan"),
        ("rework.steps.fetch", "rework.steps.preprocess", "rework.steps.sample", "rework.steps.describe"),
        ("rework.steps.train", "rework.steps.evaluate", "rework.training.tasks.words"),
        ("rework.steps.fit", "rework.engines.numpy_classifier", "rework.engines.bag_of_words"),
        ("rework.steps.read", "rework.steps.read_text"),
    ],
    ids=["the workflow's own process", "data", "training", "engines", "handwriting"],
)
def test_processes_that_make_no_tables_need_no_pandas(modules):
    # scikit-learn imports it where it is; None in its place is as if it were not installed.
    code = f"import sys; sys.modules['pandas'] = None; import {', '.join(modules)}"
    assert subprocess.run([sys.executable, "-c", code], timeout=120, check=False).returncode == 0
