"""A task of another kind by one module and a few lines of YAML: trained, killed, resumed, evaluated, shown."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rework.paths import TRAINED_FILES
from workflow_copy import WorkflowCopy

pytestmark = pytest.mark.slow

PARTS = Path(__file__).parents[1] / "another_task"
PLACES = {
    "regression.py": "workflow/rework/training/tasks/regression.py",
    "waves.py": "workflow/rework/datasets/waves.py",
    "sample.py": "workflow/rework/samples/waves.py",
    "artefacts.py": "workflow/rework/artefacts/curves/errors.py",
    "waves.yaml": "config/writeups/curves.yaml",
}
RUN = "results/sample/runs/curves/waves/seed0"
TABLE = "results/sample/artefacts/curves/errors"
CHECKPOINT = "results/sample/checkpoints/curves/waves/seed0.pt"


def command(copy, *words):
    """Return the arguments of a process that runs a module of Python with the library of the copy."""
    environment = {**os.environ, "PYTHONPATH": "workflow", "OMP_NUM_THREADS": "1"}
    return {"args": [sys.executable, "-m", *words], "cwd": copy.root, "env": environment}


def snakemake(copy, *targets):
    done = subprocess.run(
        **command(copy, "snakemake", "--cores", "1", *targets), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return copy


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A copy of the workflow with the new parts in place, none of its own edited but for a data set, and the data.

    Its own writeups are left out: they have nothing to do with it, and reading them takes most of the time of a plan.
    """
    copy = WorkflowCopy.create(tmp_path_factory.mktemp("task") / "copy").keep_writeups()
    for part, place in PLACES.items():
        (copy.root / place).parent.mkdir(exist_ok=True)
        shutil.copy2(PARTS / part, copy.root / place)
    copy.append("config/assets.yaml", (PARTS / "assets.yaml").read_text())
    return snakemake(copy, "results/sample/data/waves/dataset.json")


@pytest.fixture(scope="module")
def finished(prepared):
    """The same, with the table, by way of a training that nothing interrupted."""
    return snakemake(prepared.clone(prepared.root.parent / "finished"), f"{TABLE}.json")


def test_the_data_set_has_no_classes(prepared):
    info = json.loads((prepared.root / "results/sample/data/waves/dataset.json").read_text())
    assert (info["classes"], info["mean"], info["std"]) == ([], [], [])
    assert info["splits"]["train"]["inputs"]["dtype"] == info["splits"]["train"]["targets"]["dtype"] == "float32"
    assert {name: split["count"] for name, split in info["splits"].items()} == {
        "train": 1600,
        "validation": 200,
        "test": 200,
    }


def test_history_and_probes_have_the_columns_that_the_task_declares(finished):
    with (finished.root / RUN / "history.csv").open(newline="") as text:
        rows = list(csv.DictReader(text))
    assert list(rows[0]) == ["epoch", "steps", "mean_square", "validation_rmse", "l2_loss", "learning_rate"]
    assert [int(row["steps"]) for row in rows] == [400 * epoch for epoch in range(1, 13)]
    assert float(rows[-1]["validation_rmse"]) < 0.5 * float(rows[0]["validation_rmse"])
    assert float(rows[-1]["mean_square"]) > 0.1**2, "the noise is on the targets of the training"
    probes = (finished.root / RUN / "probes.csv").read_text().splitlines()
    assert probes[0] == "steps,test_rmse"
    assert len(probes) == 1 + 48


def test_metrics_have_names_and_units_of_their_own_and_stand_in_the_table(finished):
    record = json.loads((finished.root / RUN / "metrics.json").read_text())
    assert record["units"] == {"rmse": "m", "largest_error": "mm"}
    assert {name: value["n"] for name, value in record["metrics"].items()} == {"rmse": 200, "largest_error": 200}
    table = json.loads((finished.root / f"{TABLE}.json").read_text())
    assert {value["metric"]: value["unit"] for value in table["values"]} == {"rmse": "m", "largest_error": "mm"}
    with (finished.root / f"{TABLE}.csv").open(newline="") as text:
        shown = {row["metric"]: float(row["value"]) for row in csv.DictReader(text)}
    assert shown == {name: value["value"] for name, value in record["metrics"].items()}
    log = (finished.root / "results/sample/logs/evaluate/curves/waves/seed0.log").read_text()
    assert "curves/waves seed 0: rmse 0." in log
    assert " m of 200" in log


def test_a_killed_training_goes_on_to_the_same_bytes(prepared, finished):
    copy = prepared.clone(prepared.root.parent / "killed")
    words = (
        "rework",
        "train",
        "curves/waves",
        "--edition",
        "sample",
        "--device",
        "cpu",
        "--checkpoint-seconds",
        "0.05",
    )
    process = subprocess.Popen(**command(copy, *words), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while not (copy.root / CHECKPOINT).exists():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline, "no checkpoint appeared"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the training ended before the signal"
    assert not (copy.root / RUN / "weights.safetensors").exists()
    snakemake(copy, f"{TABLE}.json")
    assert json.loads((copy.root / RUN / "provenance.json").read_text())["resumed"] == 1
    for name in (*TRAINED_FILES, "metrics.json", "predictions.npz"):
        assert (copy.root / RUN / name).read_bytes() == (finished.root / RUN / name).read_bytes(), name
