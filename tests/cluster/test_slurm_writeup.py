"""The sample edition of one writeup, made by a small SLURM and without one."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from cluster_runs import ClusterCopy
from mini_slurm import SlurmJob

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

# It has rules of every kind: networks trained with torch and in numpy, pretrained weights, photographs.
WRITEUP = "nist36"
# What is made of the runs stays on this machine; these are one of each rule that does.
ARTEFACTS = ("nist36/extracted-text", "nist36/learning-rate-table", "nist36/squeezenet-curves")


@dataclass(frozen=True)
class Built:
    """A copy whose results were made on the cluster, and the jobs that this took."""

    copy: ClusterCopy
    jobs: list[SlurmJob]

    def job(self, rule, *wildcards):
        """Return the job of a rule, as the plugin describes it to SLURM."""
        comment = f"rule_{rule}_wildcards_{'_'.join(wildcards).replace('/', '_')}"
        (job,) = [job for job in self.jobs if job.comment == comment]
        return job


@pytest.fixture(scope="module")
def editions(slurm, tmp_path_factory):
    """The writeup made on the cluster and, meanwhile, without one."""
    local, remote = (
        ClusterCopy.create(tmp_path_factory.mktemp(name) / "copy").link_packages() for name in ("local", "cluster")
    )
    targets = wanted(local.plan())
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(remote.submit, slurm, *targets)
        local.build(*targets)
        status, said = answer.result()
    assert status == 0, said[-6000:]
    return Built(remote, slurm.jobs()), local


@pytest.fixture(scope="module")
def built(editions):
    return editions[0]


@pytest.fixture(scope="module")
def local(editions):
    return editions[1]


def wanted(plan):
    """Return the files of all runs of the writeup and of some artefacts, relative to the copy."""
    files = [file for run in plan.runs(WRITEUP) for file in plan.run_files(*run)]
    files += [file for name in ARTEFACTS for file in plan.artefact_files(name)]
    root = plan.results.parents[1]
    return sorted(file.relative_to(root).as_posix() for file in files)


def rule_of(job):
    return job.comment.removeprefix("rule_").partition("_wildcards_")[0]


def most_at_once(jobs):
    """Return how many of some jobs ran at the same time; one may start in the second in which another ends."""
    return max(sum(other.start <= job.start < other.end for other in jobs) for job in jobs)


def test_every_result_is_what_a_run_without_a_cluster_makes(built, local):
    expected, found = local.contents(), built.copy.contents()
    assert set(wanted(local.plan())) <= set(expected)
    assert set(found) == set(expected)
    assert [name for name in expected if found[name] != expected[name]] == []


def test_only_what_takes_long_is_submitted(built):
    runs = built.copy.plan().runs(WRITEUP)
    trained = [run for run, _ in runs if not built.copy.plan().catalogue.is_engine(run)]
    assert Counter(map(rule_of, built.jobs)) == {
        "preprocess_examples": 4,
        "preprocess_pages": 1,
        "convert_weights": 1,
        "fit": len(runs) - len(trained),
        "train": len(trained),
        "evaluate": len(trained),
    }
    assert {job.state for job in built.jobs} == {"COMPLETED"}


def test_memory_and_time_follow_data_sets_that_were_not_there_when_the_jobs_were_planned(built):
    plan = built.copy.plan()
    for run, seed in plan.runs(WRITEUP):
        settings = plan.run(run, seed)
        megabytes = sum(file.stat().st_size for file in plan.dataset_files(settings.data.dataset)) / 2**20
        rules = ("fit",) if plan.catalogue.is_engine(run) else ("train", "evaluate")
        jobs = [built.job(rule, "sample", run, str(seed)) for rule in rules]
        assert {job.memory_mb for job in jobs} == {int(4000 + 8 * megabytes)}
        assert jobs[0].minutes == int(30 + settings.epochs * megabytes / 10)


def test_gpus_are_asked_for_and_never_shared(built, slurm):
    assert {rule_of(job) for job in built.jobs if job.gpus == 1} == {"train", "evaluate"}
    assert {rule_of(job) for job in built.jobs if job.gpus == 0} == {
        "preprocess_examples",
        "preprocess_pages",
        "convert_weights",
        "fit",
    }
    with_gpu = [job for job in built.jobs if job.gpus]
    assert {job.nodes for job in with_gpu} == set(slurm.nodes)
    for node in slurm.nodes:
        assert most_at_once([job for job in with_gpu if job.nodes == node]) == 1
    assert most_at_once(with_gpu) == len(slurm.nodes), "with more trainings than GPUs, all GPUs are in use"
