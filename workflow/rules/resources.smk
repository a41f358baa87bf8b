"""What jobs ask for: GPUs, memory and time.

Where another executor starts the jobs, as on a cluster, those marked as local (``localrule``) stay on this machine, since
they take seconds; so do downloads, because the other machines may have no network.
"""

import functools

from rework.accelerators import gpu_count

GPUS = gpu_count()
# Without '--resources gpu=N', Snakemake would start as many trainings as there are cores, and those that wait for a place
# on a GPU would keep the cores from others. Only another executor's jobs are counted as nodes.
if GPUS and workflow.nodes is None and workflow.is_main_process and "gpu" not in workflow.global_resources:
    workflow.register_resource("gpu", GPUS * CONFIG.gpu_slots)


def gpus(wildcards):
    """Return how many GPUs a job asks for: with none to give, those that ask for one would wait for each other.

    What a cluster has cannot be seen from here: there, jobs ask for one unless the configuration says they need none.
    Only when a job is planned is it known who starts it, hence a function.
    """
    if CONFIG.device == "cpu":
        return 0
    return int(CONFIG.device == "cuda" or workflow.non_local_exec or GPUS > 0)


def device_options():
    """Return where a job computes. On a cluster, which hands out GPUs itself, it takes no place on one."""
    slots = 0 if workflow.non_local_exec or workflow.remote_exec else CONFIG.gpu_slots
    return f"--device {CONFIG.device} --gpu-slots {slots}"


@functools.cache
def megabytes(edition, dataset):
    """Return the size of a data set's files; many jobs ask for it. Before they are made, Snakemake asks again later."""
    return sum(file.stat().st_size for file in PLANS[edition].dataset_files(dataset)) / 2**20


def raw_memory(wildcards, input, attempt):
    """Return the megabytes that a job asks a cluster for which holds raw files, and what it makes of them, in memory."""
    return int(2000 + 10 * input.size_mb) * attempt


def memory(wildcards, attempt):
    """Return the megabytes that a job asks a cluster for: torch with CUDA takes some 4 GB before it loads anything.

    Bytes become floats of four times their size, and some are copied.
    """
    return int(4000 + 8 * megabytes(wildcards.edition, run_settings(wildcards).data.dataset)) * attempt


def minutes(wildcards, attempt):
    """Return the minutes that a training asks a cluster for: more than twice what one core took for the slowest run.

    One that runs out of time loses nothing but its place in the queue.
    """
    run = run_settings(wildcards)
    return int(30 + run.epochs * megabytes(wildcards.edition, run.data.dataset) / 10) * attempt
