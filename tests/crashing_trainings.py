"""Trainings that crash at a chosen save, and the parts of two trainings that must be equal."""

import torch
from rework.training.checkpoint import CheckpointFile

CPU = torch.device("cpu")


def outcome(training):
    """Return everything that must be equal, as bytes."""
    weights = b"".join(tensor.contiguous().cpu().numpy().tobytes() for tensor in training.model.state_dict().values())
    return weights, training.history_csv(), training.probes_csv()


class CrashError(Exception):
    """Stands for SIGKILL."""


class CrashingCheckpoint(CheckpointFile):
    """Crashes after its n-th save."""

    def __init__(self, path, identity, saves):
        super().__init__(path, identity)
        self.saves = saves

    def save(self, state):
        super().save(state)
        self.saves -= 1
        if self.saves == 0:
            raise CrashError
