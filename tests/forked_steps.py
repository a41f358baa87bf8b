"""Steps of a run in forks of a process that has only imported torch: a new interpreter takes seconds for it.

They are no forks of the process of the tests: another test may have started the threads of torch there, which do not
live on in a fork.
"""

import multiprocessing
import signal
import sys
from functools import partial

from rework.cli import main
from rework.steps import train
from rework.training.interruption import EXIT_STATUS
from rework.training.progress import Progress
from tiny_runs import step_command

_FORKS = multiprocessing.get_context("forkserver")
# The first optimiser imports torch._dynamo, which takes longer than torch itself.
_FORKS.set_forkserver_preload(["torch._dynamo"])


def start_step(step, settings, results, *options, prepare=None):
    """Start a step in a fork, with its output in the file ``log``, after a call of ``prepare`` there; return it.

    ``prepare`` is a function of a module, or a partial one: it goes to the other process by name.
    """
    _, _, _, *words = step_command(step, settings, results, *options)
    process = _FORKS.Process(target=_run_step, args=(words, log_file(results), prepare))
    process.start()
    return process


def _run_step(words, log, prepare):
    # As a new interpreter would have them.
    for number in EXIT_STATUS:
        signal.signal(number, signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL)
    sys.stdout = sys.stderr = log.open("w", buffering=1)
    train.Progress = partial(Progress, stream=sys.stderr)  # its own default is the stream before
    if prepare:
        prepare()
    sys.exit(main(words))


def end_step(process):
    """Wait for a step and return its exit status, negative if a signal killed it."""
    process.join()
    return process.exitcode


def run_forked(step, settings, results, *options, prepare=None):
    """Run a step to its end in a fork; return its exit status and its output."""
    status = end_step(start_step(step, settings, results, *options, prepare=prepare))
    return status, log_file(results).read_text()


def log_file(results):
    """Return the file that the output of a step goes to."""
    return results / "log"
