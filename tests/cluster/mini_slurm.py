"""A throw-away SLURM in one folder: a scheduler, nodes with one GPU each, and munge, from Debian's packages.

It needs no systemd and no control groups, and writes nothing to /etc. Its GPUs are /dev/null: SLURM counts them and
gives them to jobs, which is all that a test needs. All nodes are this machine, and claim more than it has.
"""

import getpass
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo")
PACKAGES = "slurmctld slurmd slurm-client munge"
SEARCHED = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])

# Jobs start and are looked after every second. Ended ones are remembered, so that a test can ask for them. A job is
# killed when it takes more memory than it asked for.
CONFIGURATION = """\
ClusterName=mini
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={root}/run/munge.socket
CredType=cred/munge
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool/%n
SlurmctldPidFile={root}/run/slurmctld.pid
SlurmdPidFile={root}/run/slurmd.%n.pid
SlurmctldLogFile={root}/log/slurmctld.log
SlurmdLogFile={root}/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
KillWait=10
MinJobAge=3600
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,batch_sched_delay=0,bf_interval=1,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
GresTypes=gpu
AccountingStorageType=accounting_storage/none
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=60 DefaultTime=5 State=UP
"""
NODE = "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=8 RealMemory=64000 Gres=gpu:1"


def missing_programs():
    """Return the programs that a cluster needs and this machine lacks."""
    return [name for name in PROGRAMS if shutil.which(name, path=SEARCHED) is None]


@dataclass(frozen=True)
class SlurmJob:
    """A job as SLURM remembers it. ``end`` of a running job is in the future."""

    number: int
    comment: str
    state: str
    nodes: str
    gpus: int
    memory_mb: int
    minutes: int
    start: datetime | None
    end: datetime | None


class MiniSlurm:
    """A cluster of ``nodes`` nodes with one GPU each, in the folder ``root``."""

    def __init__(self, root: Path, nodes: int = 2) -> None:
        self.root = root
        self.nodes = [f"n{number}" for number in range(1, nodes + 1)]
        self.environment = {
            **os.environ,
            "SLURM_CONF": str(root / "etc" / "slurm.conf"),
            "PATH": os.pathsep.join([str(root / "bin"), SEARCHED]),
        }

    def start(self) -> None:
        """Start everything and wait for the nodes."""
        self._write_files()
        run = self.root / "run"
        self._call(
            *("munged", "--force", "--key-file", self.root / "munge" / "key", "--socket", run / "munge.socket"),
            *("--pid-file", run / "munged.pid", "--log-file", self.root / "log" / "munged.log"),
            *("--seed-file", self.root / "munge" / "seed"),
        )
        self._call("slurmctld")
        for node in self.nodes:
            self._call("slurmd", "-N", node)
        self._wait(lambda: self._idle_nodes() == len(self.nodes), 30, f"the nodes do not come up, see {self.root}/log")

    def stop(self) -> None:
        """Cancel what still runs and end the programs that ``start`` started, by their process ids.

        Those are ended in any case; that jobs could not be cancelled is an error all the same.
        """
        try:
            self.cancel_all()
        finally:
            pids = [int(file.read_text()) for file in (self.root / "run").glob("*.pid")]
            _signal(pids, signal.SIGTERM)
            try:
                self._wait(lambda: not any(map(_runs, pids)), 30, "SLURM does not end")
            finally:
                _signal(pids, signal.SIGKILL)

    def cancel_all(self) -> None:
        """Cancel every job and wait until none is left."""
        self._call("scancel", "--full", "--user", getpass.getuser())
        self._wait(lambda: not self._call("squeue", "--noheader"), 60, "cancelled jobs do not end")

    def jobs(self, rule: str = "") -> list[SlurmJob]:
        """Return all jobs, or those of one rule, in the order of their submission; ended ones too."""
        lines = self._call("scontrol", "--oneliner", "show", "job").splitlines()
        jobs = sorted((_job(line) for line in lines if "JobId=" in line), key=lambda job: job.number)
        return [job for job in jobs if job.comment.startswith(f"rule_{rule}_" if rule else "")]

    def node_log(self, job: SlurmJob) -> str:
        """Return what the node of a job reports about it."""
        lines = (self.root / "log" / f"slurmd.{job.nodes}.log").read_text().splitlines()
        return "\n".join(line for line in lines if f"[{job.number}." in line)

    def _idle_nodes(self) -> int:
        return self._call("sinfo", "--noheader", "--Node", "--format=%t").split().count("idle")

    def _write_files(self) -> None:
        for folder in ("etc", "state", "spool", "run", "log", "bin", "munge"):
            (self.root / folder).mkdir(parents=True)
        (self.root / "munge").chmod(0o700)
        (self.root / "run").chmod(0o755)
        key = self.root / "munge" / "key"
        key.touch(0o600)
        key.write_bytes(os.urandom(128))
        host = socket.gethostname().split(".")[0]
        ports = _free_ports(len(self.nodes) + 1)
        nodes = [NODE.format(name=name, host=host, port=port) for name, port in zip(self.nodes, ports[1:], strict=True)]
        configuration = CONFIGURATION.format(
            root=self.root, host=host, user=getpass.getuser(), ports=ports, nodes="\n".join(nodes)
        )
        (self.root / "etc" / "slurm.conf").write_text(configuration)
        gpus = f"NodeName={','.join(self.nodes)} Name=gpu File=/dev/null\n"
        (self.root / "etc" / "gres.conf").write_text(gpus)
        # The plugin starts srun without SLURM_CONF: on a real cluster, the file is where srun looks for it.
        wrapper = self.root / "bin" / "srun"
        srun = shutil.which("srun", path=SEARCHED)
        wrapper.write_text(f'#!/bin/sh\nSLURM_CONF={self.environment["SLURM_CONF"]} exec {srun} "$@"\n')
        wrapper.chmod(0o755)

    def _call(self, *command: object) -> str:
        """Run a program of SLURM and return what it says."""
        words = [str(word) for word in command]
        # The daemons keep their standard error: to wait for the end of a pipe would be to wait for theirs.
        log = self.root / "log" / "calls.log"
        with log.open("a") as errors:
            done = subprocess.run(words, env=self.environment, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert done.returncode == 0, f"{' '.join(words)}: exit status {done.returncode}\n{log.read_text()}"
        return done.stdout

    def _wait(self, condition: Callable[[], bool], seconds: float, complaint: str) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, complaint
            time.sleep(0.2)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


def _signal(pids: list[int], number: signal.Signals) -> None:
    """Send a signal to those of some processes that still run."""
    for pid in filter(_runs, pids):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _runs(pid: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return "State:\tZ" not in status


def _job(line: str) -> SlurmJob:
    fields = dict(re.findall(r"(\S+?)=(\S*)", line))
    gpus = re.search(r"gres:gpu:(\d+)", fields.get("TresPerJob", ""))
    hours, minutes, seconds = map(int, fields["TimeLimit"].split(":"))
    return SlurmJob(
        number=int(fields["JobId"]),
        comment=fields.get("Comment", ""),
        state=fields["JobState"],
        nodes=fields["NodeList"],
        gpus=int(gpus[1]) if gpus else 0,
        memory_mb=_megabytes(fields["MinMemoryNode"]),
        minutes=60 * hours + minutes + seconds // 60,
        start=_time(fields["StartTime"]),
        end=_time(fields["EndTime"]),
    )


def _time(text: str) -> datetime | None:
    return None if text == "Unknown" else datetime.fromisoformat(text)


def _megabytes(text: str) -> int:
    """Return the megabytes of SLURM's ``4000M`` or ``4G``; ``0`` says that nothing was asked for."""
    units = {"M": 1, "G": 1024}
    return int(float(text[:-1]) * units[text[-1]]) if text[-1] in units else int(text)
