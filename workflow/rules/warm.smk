"""Jobs on this machine as forks of one process that has imported the large packages; see rework.warm."""

import contextlib
import subprocess
import tempfile

from rework.warm.client import ADDRESS, THREADS

# Fewer jobs are done before the imports of one more process would pay.
WARM_JOBS = 8
WARM_SERVER = contextlib.ExitStack()


def start_warm_server():
    """Start the server for the jobs of this run; where it cannot be, each job imports what it needs by itself."""
    here = workflow.is_main_process and not (workflow.non_local_exec or workflow.remote_exec)
    if not (here and CONFIG.warm_processes and len(list(workflow.dag.needrun_jobs())) > WARM_JOBS):
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
    start_warm_server()


onsuccess:
    stop_warm_server()


onerror:
    stop_warm_server()
