"""Trainings as jobs of a real SLURM, small and made for the test: what it is asked for, what fails, what is resumed."""

import os
import signal
from collections import Counter
from dataclasses import dataclass

import pytest
from cluster_runs import ARTEFACTS, DATASET, EPOCHS, RUNS, ClusterCopy, run_folder, training_log, wait_until, weights
from mini_slurm import SlurmJob

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


@dataclass(frozen=True)
class Built:
    """A copy whose results were made on the cluster, and the jobs that this took."""

    copy: ClusterCopy
    jobs: list[SlurmJob]


@pytest.fixture(scope="module")
def built(slurm, template, tmp_path_factory):
    copy = template.clone(tmp_path_factory.mktemp("cluster") / "copy")
    before = len(slurm.jobs())
    status, said = copy.submit(slurm, *ARTEFACTS)
    assert status == 0, said[-6000:]
    return Built(copy, slurm.jobs()[before:])


def rule_of(job):
    return job.comment.removeprefix("rule_").partition("_wildcards_")[0]


def most_at_once(jobs):
    """Return how many of some jobs ran at the same time; one may start in the second in which another ends."""
    return max(sum(other.start <= job.start < other.end for other in jobs) for job in jobs)


def test_every_result_is_what_a_run_without_a_cluster_makes(built, local):
    expected, found = local.contents(), built.copy.contents()
    assert {weights(run) for run in RUNS} | set(ARTEFACTS) <= set(expected)
    assert set(found) == set(expected)
    assert [name for name in expected if found[name] != expected[name]] == []


def test_only_what_takes_long_is_submitted(built):
    assert Counter(map(rule_of, built.jobs)) == {"preprocess_words": 1, "train": len(RUNS), "evaluate": len(RUNS)}
    assert {job.state for job in built.jobs} == {"COMPLETED"}


def test_memory_and_time_follow_a_data_set_that_was_not_there_when_the_jobs_were_planned(built):
    files = (built.copy.root / DATASET).parent.glob("*")
    megabytes = sum(file.stat().st_size for file in files) / 2**20
    for job in built.jobs:
        if rule_of(job) in ("train", "evaluate"):
            assert job.memory_mb == int(4000 + 8 * megabytes)
        if rule_of(job) == "train":
            assert job.minutes == int(30 + EPOCHS * megabytes / 10)


def test_gpus_are_asked_for_and_never_shared(built, slurm):
    assert {rule_of(job): job.gpus for job in built.jobs} == {"preprocess_words": 0, "train": 1, "evaluate": 1}
    with_gpu = [job for job in built.jobs if job.gpus]
    assert {job.nodes for job in with_gpu} == set(slurm.nodes)
    for node in slurm.nodes:
        assert most_at_once([job for job in with_gpu if job.nodes == node]) == 1
    assert most_at_once(with_gpu) == len(slurm.nodes), "with more trainings than GPUs, all GPUs are in use"


def test_a_failing_job_is_reported_and_retried_and_the_others_go_on(slurm, copy):
    """A learning rate far too high makes the step stop with a message."""
    copy.edit_yaml(
        "config/writeups/ocr.yaml",
        lambda writeup: writeup["runs"]["cnn-2"].update(optimiser={"name": "sgd", "learning_rate": 1e30}),
    )
    before = len(slurm.jobs())
    status, said = copy.submit(slurm, weights("cnn-2"), weights("bilstm-batched"), "--retries", "1")
    assert status == 1
    assert f"Logfile {training_log('cnn-2')}:" in said
    assert "the loss is no finite number" in said
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
    assert "goes on after" in (copy.root / training_log("cnn-2")).read_text()
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
