"""A copy of the workflow in a temporary folder: edited freely, dry-run in this process, or run with pretend steps.

A dry run through Snakemake's own interface takes some ten milliseconds; a call of its command line takes a second.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from rework import accelerators
from rework.files import canonical_json
from snakemake.api import SnakemakeApi
from snakemake.settings.types import (
    ConfigSettings,
    DAGSettings,
    OutputSettings,
    Quietness,
    ResourceSettings,
)

REPOSITORY = Path(__file__).resolve().parents[1]
PARTS = ("Snakefile", "workflow", "config", "requirements.txt", "envs", "tools", "report", "profiles", "pyproject.toml")
PRETEND = Path(__file__).with_name("pretend_steps.py")
PAIR = ("fashion-captions", "nist36")
"""Two writeups with jobs of every rule but those of four layouts: planning them takes half the time of all five."""


@dataclass(frozen=True)
class Job:
    """A job of a dry run: its rule, its wildcards as ``name=value`` words, what it asks for, and its shell command.

    A ``local`` one starts on this machine whatever executor starts the others.
    """

    rule: str
    wildcards: str
    gpu: int
    threads: int
    reason: str
    command: str
    local: bool

    def __str__(self):
        return f"{self.rule} {self.wildcards}".strip()


class WorkflowCopy:
    """A copy of the workflow in ``root``."""

    def __init__(self, root):
        self.root = root

    @classmethod
    def create(cls, root):
        """Copy the parts of the repository that a run of the workflow reads."""
        for part in PARTS:
            source = REPOSITORY / part
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "node_modules")
                shutil.copytree(source, root / part, ignore=ignored)
            else:
                root.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, root / part)
        return cls(root)

    def keep_writeups(self, *names):
        """Remove the other writeups from the configuration."""
        for path in (self.root / "config" / "writeups").glob("*.yaml"):
            if path.stem not in names:
                path.unlink()
        return self

    def link_packages(self):
        """Let figures and the report find the Node packages of the repository."""
        modules = REPOSITORY / "report" / "node_modules"
        assert modules.is_dir(), "the Node packages are missing: run 'make setup'"
        (self.root / "report" / "node_modules").symlink_to(modules)
        return self

    def clone(self, root):
        """Copy this copy with its results and what Snakemake remembers of them, times of change included."""
        shutil.copytree(self.root, root, symlinks=True)
        return type(self)(root)

    def edit(self, path, old, new):
        """Replace a text that occurs in a file."""
        file = self.root / path
        text = file.read_text()
        assert old in text, f"{path} does not hold {old!r}"
        file.write_text(text.replace(old, new, 1))

    def append(self, path, text):
        """Add lines to the end of a file."""
        with (self.root / path).open("a") as file:
            file.write(text)

    def edit_yaml(self, path, change):
        """Let ``change`` alter the parsed content of a YAML file in place."""
        file = self.root / path
        content = yaml.safe_load(file.read_text())
        change(content)
        file.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))

    def pretend(self):
        """Replace the library's command line by one that writes the files of a step and computes nothing."""
        shutil.copy2(PRETEND, self.root / "workflow" / "rework" / "__main__.py")
        return self

    def jobs(self, *targets, cores=8, gpus=None, **config):
        """Return the jobs that a dry run would start, target rules aside."""
        jobs, _ = self._execute("dryrun", targets, cores, gpus, config)
        return [job for job in jobs if job.rule not in self.target_rules]

    def gpu_limit(self, *targets, gpus=None, **config):
        """Return how many GPUs Snakemake would hand out at once in a dry run; None means any number."""
        _, limits = self._execute("dryrun", targets, 8, gpus, config)
        return limits.get("gpu")

    def planned(self, *words, folder=None):
        """Return the names of the rules that a dry run of the command line would start, target rules aside.

        Unlike a dry run in this process, it imports the copy's own library anew.
        """
        command = [sys.executable, "-m", "snakemake", "--quiet", "rules", "--dry-run", *words]
        done = subprocess.run(command, cwd=folder or self.root, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        counted = re.findall(r"^(\w+) +(\d+)$", done.stdout + done.stderr, flags=re.MULTILINE)
        return {rule: int(count) for rule, count in counted if rule not in {"total", *self.target_rules}}

    def run(self, *targets, cores=4, **config):
        """Run the workflow and return the jobs that were started."""
        jobs, _ = self._execute("local", targets, cores, None, config)
        return jobs

    @property
    def target_rules(self):
        """The names of the rules that only gather files."""
        writeups = {path.stem for path in (self.root / "config" / "writeups").glob("*.yaml")}
        return {"all", "report", "page", "sample"} | writeups

    def _execute(self, executor, targets, cores, gpus, config):
        resources = {} if gpus is None else {"gpu": gpus}
        output = OutputSettings(
            dryrun=executor == "dryrun", quiet={Quietness.ALL}, nocolor=True, enable_file_logging=False
        )
        with kept_environment(), SnakemakeApi(output) as api:
            workflow = api.workflow(
                resource_settings=ResourceSettings(cores=cores, resources=resources),
                config_settings=ConfigSettings(config=config),
                snakefile=self.root / "Snakefile",
                workdir=self.root,
            )
            dag = workflow.dag(DAGSettings(targets=set(targets)))
            dag.execute_workflow(executor=executor)
            built = workflow._workflow.dag
            if executor == "dryrun":
                chosen = built.needrun_jobs(exclude_finished=False)
            else:
                chosen = [job for job in built.jobs if built.finished(job)]
            return sorted((_job(job, built) for job in chosen), key=str), workflow._workflow.scheduler.global_resources


class UneditedCopy(WorkflowCopy):
    """A copy that no test edits; a test that edits one makes a clone.

    So equal dry runs have equal jobs, and each is done once. What they depend on besides the copy is their arguments
    and the number of GPUs, which tests change.
    """

    def __init__(self, root):
        super().__init__(root)
        self._planned = {}

    def clone(self, root):
        """Copy this copy into one to edit."""
        return WorkflowCopy(super().clone(root).root)

    def _execute(self, executor, targets, cores, gpus, config):
        if executor != "dryrun":
            return super()._execute(executor, targets, cores, gpus, config)
        asked = (frozenset(targets), cores, gpus, canonical_json(config), accelerators.gpu_count())
        if asked not in self._planned:
            self._planned[asked] = super()._execute(executor, targets, cores, gpus, config)
        jobs, limits = self._planned[asked]
        return list(jobs), dict(limits)


def _job(job, dag):
    wildcards = " ".join(f"{name}={value}" for name, value in sorted(job.wildcards_dict.items()) if name != "edition")
    local = job.rule.name in dag.workflow._localrules
    gpu, reason = job.resources.get("gpu", 0), str(dag.reason(job))
    return Job(job.rule.name, wildcards, gpu, job.threads, reason, job.shellcmd or "", local)


@contextmanager
def kept_environment():
    """Put the working directory, the module path and the environment back as they were."""
    before, path, folder = dict(os.environ), list(sys.path), Path.cwd()
    try:
        yield
    finally:
        os.chdir(folder)
        sys.path[:] = path
        os.environ.clear()
        os.environ.update(before)


def counts(jobs):
    """Return how many jobs each rule has."""
    return dict(Counter(job.rule for job in jobs))


def names(jobs, *rules):
    """Return the jobs, or those of some rules, as a set of short texts."""
    return {str(job) for job in jobs if not rules or job.rule in rules}
