"""The workflow, copied and made small, run on a cluster and without one."""

import json
import os
import signal
import subprocess
import sys
import time

from rework.catalogue.catalogue import load_catalogue
from rework.catalogue.plan import Plan
from rework.recorded import SEAL
from workflow_copy import WorkflowCopy

# Trainings to disturb, and how long they are.
RUNS = ("cnn-2", "bilstm", "bilstm-batched")
DATASET = "results/sample/data/ocr-letters/dataset.json"
EPOCHS = 2
# What a provenance says about the duration and course of a training.
VARYING = {"seconds", "seconds_per_epoch", "resumed"}

# Snakemake as a user starts it, but it asks for the state of its jobs every second: the plugin waits ten seconds longer
# after each time that nothing had ended, and no option changes that.
IMPATIENT = """
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
RemoteExecutor.next_seconds_between_status_checks = property(lambda self: 1, lambda self, seconds: None)
from snakemake.cli import main
main()
"""
# Options that only make the profile's waiting shorter.
HASTE = (
    *("--slurm-init-seconds-before-status-checks", "1", "--max-status-checks-per-second", "1"),
    *("--latency-wait", "20"),
)
PROFILE = ("--workflow-profile", "workflow/profiles/slurm")
SAMPLE = ("--config", "edition=sample")


def run_folder(run):
    return f"results/sample/runs/ocr/{run}/seed0"


def weights(run):
    return f"{run_folder(run)}/weights.safetensors"


def training_log(run):
    return f"results/sample/logs/train/ocr/{run}/seed0.log"


class ClusterCopy(WorkflowCopy):
    """A copy of the workflow that can be run on a cluster."""

    @classmethod
    def create_small(cls, root):
        """Copy the workflow and shorten the trainings of ``RUNS``."""
        copy = cls.create(root)
        copy.edit_yaml("config/writeups/ocr.yaml", _shorten)
        return copy

    def plan(self):
        """Return the plan of the sample edition."""
        return Plan(load_catalogue(self.root, {"edition": "sample"}), "sample", self.root / "results" / "sample")

    def start(self, cluster, *words):
        """Start Snakemake with the profile for SLURM, as a process group of its own, as a terminal does."""
        return subprocess.Popen(
            [sys.executable, "-c", IMPATIENT, *words, *PROFILE, *HASTE, *SAMPLE],
            cwd=self.root,
            env={**cluster.environment, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # A shell lets what it starts in the background ignore Ctrl-C, and that would be inherited.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def submit(self, cluster, *words, seconds=600):
        """Run Snakemake on the cluster; return its exit status and what it said."""
        process = self.start(cluster, *words)
        try:
            said, _ = process.communicate(timeout=seconds)
        finally:
            # It never ends if the plugin has forgotten its jobs.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        return process.returncode, said

    def build(self, *words):
        """Run Snakemake with the processors of this machine."""
        command = [sys.executable, "-m", "snakemake", "--cores", "2", *words, *SAMPLE]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-6000:]
        return self

    def slow_first_training(self):
        """Make trainings wait in each step until they continue from a checkpoint; nothing else about them changes."""
        old = "            loss, outputs = self.passes(batch)"
        self.edit("workflow/rework/training/loop.py", old, f"            time.sleep(0 if self.resumed else 1)\n{old}")

    def contents(self, folder="results/sample"):
        """Return the content of every file in a folder except logs; of a provenance, what does not vary."""
        files = [file for file in (self.root / folder).rglob("*") if file.is_file()]
        names = {file.relative_to(self.root).as_posix(): file for file in files}
        return {name: _content(file) for name, file in names.items() if not name.startswith("results/sample/logs/")}

    def provenance(self, run):
        return json.loads((self.root / run_folder(run) / "provenance.json").read_text())


def wait_until(condition, process, seconds=120):
    """Wait while a process runs until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, f"Snakemake ended too early:\n{process.stdout.read()}"
        assert time.monotonic() < deadline, "this does not happen"
        time.sleep(0.2)


def _content(file):
    if file.suffix != ".json":
        return file.read_bytes()
    content = json.loads(file.read_text())
    content.pop(SEAL, None)  # of the rest, which varies
    if file.name == "provenance.json":
        return {key: value for key, value in content.items() if key not in VARYING}
    # An artefact made from a provenance names its hash, which varies with it.
    for inputs in (part["inputs"] for part in content.values() if isinstance(part, dict) and "inputs" in part):
        inputs.update({name: "varies" for name in inputs if name.endswith("/provenance.json")})
    return content


def _shorten(writeup):
    for run in RUNS:
        writeup["runs"][run]["sample"] = {"epochs": EPOCHS}
