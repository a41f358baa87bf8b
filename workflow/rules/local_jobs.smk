"""Jobs on this machine: as forks of one process that has imported the large packages, and started without a rate."""

import contextlib
import subprocess
import tempfile

from rework.warm.client import ADDRESS, THREADS

# Fewer jobs are done before the imports of one more process would pay.
WARM_JOBS = 8
WARM_SERVER = contextlib.ExitStack()


def runs_here():
    """Return whether this process starts the jobs of a run, all of them on this machine."""
    return workflow.is_main_process and not (workflow.non_local_exec or workflow.remote_exec)


def drop_default_rate():
    """Start jobs of this machine as soon as they can be, unless --max-jobs-per-timespan says otherwise.

    The default of 100 a second is for schedulers of clusters. To keep to it, Snakemake 9 considers all ready jobs again
    a second after each time that it did so, for each job that has ended: in the sample edition, that took seven times
    the processor time of all else that Snakemake does.
    """
    rate = getattr(workflow.scheduler, "job_rate_limiter", None)
    if runs_here() and rate and (rate.max_jobs, rate.timespan) == (100, 1):
        workflow.scheduler.job_rate_limiter = None


def start_warm_server():
    """Start the server of rework.warm for this run's jobs; where it cannot be, each job imports what it needs."""
    if not (runs_here() and CONFIG.warm_processes and len(list(workflow.dag.needrun_jobs())) > WARM_JOBS):
        return
    try:
        folder = Path(WARM_SERVER.enter_context(tempfile.TemporaryDirectory(prefix="rework-")))
    except OSError:
        return
    address = folder / "jobs"
    if len(os.fsencode(address)) > 90:  # sockets have short names
        return
    # In a session of its own it does not see the terminal's Ctrl-C. Snakemake gives most jobs one thread.
    server = subprocess.Popen(
        [sys.executable, "-m", "rework.warm.server", address],
        env={**os.environ, **dict.fromkeys(THREADS, "1")},
        stdout=WARM_SERVER.enter_context(Path(".snakemake", "rework-warm.log").open("w")),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    WARM_SERVER.callback(end_warm_server, server)
    os.environ[ADDRESS] = str(address)


def end_warm_server(server):
    """Ask the server to end, and make it if it does not."""
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def stop_warm_server():
    """Stop it; a Snakemake that is killed takes it along."""
    os.environ.pop(ADDRESS, None)
    WARM_SERVER.close()


onstart:
    drop_default_rate()
    start_warm_server()


onsuccess:
    stop_warm_server()


onerror:
    stop_warm_server()
