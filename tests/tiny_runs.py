"""A data set small enough to train on in a test, and runs on it."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from rework.datasets.store import RawSplits, StoredDataset, write_dataset
from rework.paths import dataset_dir
from rework.settings.data import DatasetSettings
from rework.settings.run import DataSettings, ModelSettings, OptimiserSettings, RunSettings
from rework.training.checkpoint import CheckpointFile
from rework.training.loop import Training
from rework.training.progress import Progress

WORKFLOW = Path(__file__).resolve().parents[1] / "workflow"

RUN = RunSettings(
    writeup="tests",
    run="cnn",
    seed=0,
    global_seed=7,
    model=ModelSettings("fashion-cnn", {"dropout": 0.4}),
    data=DataSettings("tiny"),
    optimiser=OptimiserSettings("sgd", 0.05),
    loss="nll",
    batch_size=8,
    epochs=2,
)


class StoppingCheckpoint(CheckpointFile):
    """Stops the training after its third save, as a crash would."""

    saves = 0

    def save(self, state):
        super().save(state)
        self.saves += 1
        if self.saves == 3:
            raise InterruptedError


def a_run(**changes) -> RunSettings:
    """Return the run of the tests with some settings changed."""
    return replace(RUN, **changes)


def train(settings: RunSettings, dataset: StoredDataset, folder: Path) -> Training:
    """Return a training on the CPU that has ended, with its checkpoint in a folder."""
    training = Training(settings, dataset, torch.device("cpu"))
    progress = Progress("test", settings.epochs, training.total_steps, 0, io.StringIO())
    training.run(CheckpointFile(folder / "c.pt", ""), progress)
    return training


def write_tiny_dataset(results: Path, examples: int = 100, channels: int = 1) -> Path:
    """Write a data set of noisy bars, one position per class, and return its folder."""
    generator = np.random.default_rng(3)
    splits = {}
    for name, count in (("train", examples), ("validation", 37), ("test", 41)):
        targets = generator.integers(0, 10, count)
        inputs = generator.integers(0, 120, (count, channels, 28, 28))
        for example, target in enumerate(targets):
            inputs[example, :, :, 2 * target + 3 : 2 * target + 5] += 90
        splits[name] = (inputs.astype(np.uint8), targets.astype(np.int64))
    directory = dataset_dir(results, "tiny")
    write_dataset(
        directory,
        RawSplits(splits, tuple(f"class {number}" for number in range(10))),
        DatasetSettings(name="tiny", sample=True, assets=()),
    )
    return directory


def step_command(step: str, settings: RunSettings, results: Path, *options: str) -> list[str]:
    """Return the command line of a step of a run."""
    return [
        *(sys.executable, "-m", "rework", step, "--settings", settings.to_json()),
        *("--results", str(results), "--device", "cpu", *options),
    ]


def step_environment() -> dict[str, str]:
    """Return the environment in which a step finds the library."""
    return {**os.environ, "PYTHONPATH": str(WORKFLOW), "OMP_NUM_THREADS": "1"}


def run_step(step: str, settings: RunSettings, results: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a step to its end in a process of its own."""
    return subprocess.run(
        step_command(step, settings, results, *options),
        env=step_environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def read_json(path: Path):
    """Return the parsed content of a JSON file."""
    return json.loads(path.read_text())
