"""Jobs that go wrong on a small SLURM, and a call that is interrupted."""

import os
import signal

import pytest
from cluster_runs import DATASET, RUNS, ClusterCopy, run_folder, training_log, wait_until, weights

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A copy of the workflow whose trainings take seconds, with their data set."""
    return ClusterCopy.create_small(tmp_path_factory.mktemp("prepared") / "copy").build(DATASET)


@pytest.fixture(scope="module")
def local(prepared, tmp_path_factory):
    """The same with one training, made without a cluster."""
    return prepared.clone(tmp_path_factory.mktemp("local") / "copy").build(weights("cnn-2"))


@pytest.fixture
def copy(slurm, prepared, tmp_path):
    """A copy with the data set, to edit and to run; what a test left in the queue is cancelled."""
    yield prepared.clone(tmp_path / "copy")
    slurm.cancel_all()


def test_a_failing_job_is_reported_and_retried_and_the_others_go_on(slurm, copy):
    """A decay of the weights far too fast, which overflows in a few steps, makes the step stop with a message."""
    diverging = {"optimiser": {"name": "sgd", "learning_rate": 1e6}, "l2": {"strength": 1.0}}
    copy.edit_yaml("config/writeups/ocr.yaml", lambda writeup: writeup["runs"]["cnn-2"].update(diverging))
    before = len(slurm.jobs())
    status, said = copy.submit(slurm, weights("cnn-2"), weights("bilstm-batched"), "--retries", "1")
    assert status == 1
    assert f"Logfile {training_log('cnn-2')}:" in said
    assert "the loss is not finite" in said
    assert not (copy.root / run_folder("cnn-2")).exists()
    assert (copy.root / weights("bilstm-batched")).exists()
    jobs = [job for job in slurm.jobs()[before:] if "cnn-2" in job.comment]
    assert [job.state for job in jobs] == ["FAILED", "FAILED"]
    assert jobs[1].memory_mb == 2 * jobs[0].memory_mb >= 8000
    assert jobs[1].minutes == 2 * jobs[0].minutes >= 60


def test_a_job_that_takes_too_much_memory_ends_well_with_more(slurm, copy, local):
    status, said = copy.submit(slurm, weights("cnn-2"), "--set-resources", "train:mem_mb=250 if attempt == 1 else 4000")
    assert status == 0, said[-6000:]
    jobs = slurm.jobs("train")[-2:]
    assert [(job.state, job.memory_mb) for job in jobs] == [("FAILED", 250), ("COMPLETED", 4000)]
    assert "Exceeded job memory limit" in slurm.node_log(jobs[0])
    assert (copy.root / weights("cnn-2")).read_bytes() == (local.root / weights("cnn-2")).read_bytes()


def test_a_training_that_runs_out_of_time_goes_on_from_its_checkpoint(slurm, copy, local):
    """SLURM's shortest limit is a minute, and it looks after it every half minute."""
    copy.slow_first_training()
    status, said = copy.submit(slurm, weights("cnn-2"), "--set-resources", "train:runtime=1 if attempt == 1 else 10")
    assert status == 0, said[-6000:]
    assert "SLURM status is: 'TIMEOUT'" in said
    assert [(job.state, job.minutes) for job in slurm.jobs("train")[-2:]] == [("TIMEOUT", 1), ("COMPLETED", 10)]
    assert "continues after" in (copy.root / training_log("cnn-2")).read_text()
    assert copy.provenance("cnn-2")["resumed"] == 1
    for name in ("weights.safetensors", "history.csv", "probes.csv"):
        file = f"{run_folder('cnn-2')}/{name}"
        assert (copy.root / file).read_bytes() == (local.root / file).read_bytes(), name


def test_an_interrupted_call_cancels_what_it_submitted(slurm, copy):
    copy.slow_first_training()
    before = len(slurm.jobs())
    process = copy.start(slurm, *map(weights, RUNS))
    try:
        states = ["RUNNING"] * len(slurm.nodes) + ["PENDING"] * (len(RUNS) - len(slurm.nodes))
        wait_until(lambda: [job.state for job in slurm.jobs()[before:]] == states, process)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 1, said
    assert {job.state for job in slurm.jobs()[before:]} == {"CANCELLED"}
    assert not any((copy.root / weights(run)).exists() for run in RUNS)
    assert list((copy.root / ".snakemake").glob("locks/*")) == [], "the next call may start at once"
