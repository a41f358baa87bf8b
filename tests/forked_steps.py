"""Steps of a run in forks of this process, which has imported torch already: a new interpreter takes seconds for it."""

import os
import signal
import sys
import traceback
from functools import partial

# The first optimiser imports it, which takes longer than torch itself: without this, in each fork.
import torch._dynamo  # noqa: F401
from rework.cli import main
from rework.steps import train
from rework.training.interruption import EXIT_STATUS
from rework.training.progress import Progress
from tiny_runs import step_command


def start_step(step, settings, results, *options, prepare=lambda: None):
    """Start a step in a fork, with its output in the file ``log``, after a call of ``prepare`` there; return its id."""
    _, _, _, *words = step_command(step, settings, results, *options)
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        # As a new interpreter would have them.
        for number in EXIT_STATUS:
            signal.signal(number, signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL)
        sys.stdout = sys.stderr = log_file(results).open("w", buffering=1)
        train.Progress = partial(Progress, stream=sys.stderr)  # its own default is the stream of this process
        prepare()
        status = main(words)
    except SystemExit as ended:
        status = ended.code
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def end_step(process):
    """Wait for a fork and return its exit status, negative if a signal killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def run_forked(step, settings, results, *options, prepare=lambda: None):
    """Run a step to its end in a fork; return its exit status and its output."""
    status = end_step(start_step(step, settings, results, *options, prepare=prepare))
    return status, log_file(results).read_text()


def log_file(results):
    """Return the file that the output of a step goes to."""
    return results / "log"
