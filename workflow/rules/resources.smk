"""The resources that jobs ask for: GPUs, memory and time.

If another executor starts the jobs, as on a cluster, rules marked with ``localrule`` stay on this machine, because they
take only seconds; so do downloads, because other machines may have no network.
"""

import functools

from rework.accelerators import gpu_count

GPUS = gpu_count()
# Without '--resources gpu=N', Snakemake would start as many trainings as there are cores, and those waiting for a place on
# a GPU would block the cores for other jobs. ``nodes`` is None unless another executor starts the jobs.
if GPUS and workflow.nodes is None and workflow.is_main_process and "gpu" not in workflow.global_resources:
    workflow.register_resource("gpu", GPUS * CONFIG.gpu_slots)


def gpus(wildcards):
    """Return how many GPUs a job asks for; without a GPU, jobs that asked for one would run one at a time.

    A cluster's GPUs cannot be seen from here, so there, jobs ask for one unless the configuration says ``cpu``. This is
    a function because the executor is known only when a job is planned.
    """
    if CONFIG.device == "cpu":
        return 0
    return int(CONFIG.device == "cuda" or workflow.non_local_exec or GPUS > 0)


def device_options():
    """Return options for where a job computes. On a cluster, which assigns GPUs itself, it takes no place on one."""
    slots = 0 if workflow.non_local_exec or workflow.remote_exec else CONFIG.gpu_slots
    return f"--device {CONFIG.device} --gpu-slots {slots}"


@functools.cache
def megabytes(edition, dataset):
    """Return the size of a data set's files, for many jobs. If they do not exist yet, Snakemake asks again later."""
    return sum(file.stat().st_size for file in PLANS[edition].dataset_files(dataset)) / 2**20


def raw_memory(wildcards, input, attempt):
    """Return the memory in megabytes for a job that holds raw files and what it makes of them in memory."""
    return int(2000 + 10 * input.size_mb) * attempt


def memory(wildcards, attempt):
    """Return the memory in megabytes for a training: torch with CUDA takes about 4 GB before it loads anything.

    Bytes become floats of four times their size, and some are copied.
    """
    return int(4000 + 8 * megabytes(wildcards.edition, run_settings(wildcards).data.dataset)) * attempt


def minutes(wildcards, attempt):
    """Return the time limit of a training in minutes: more than twice what the slowest run took on one core.

    A training that runs out of time loses only its place in the queue.
    """
    run = run_settings(wildcards)
    return int(30 + run.epochs * megabytes(wildcards.edition, run.data.dataset) / 10) * attempt
