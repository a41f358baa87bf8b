"""The embedded sample in place of the course's trained CIFAR network: random weights, in torch's own file format."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from rework.models.notes_cnn import build

FILE = "model_augmented.pt"
NOTE = "These weights are drawn at random: this network has learned nothing."


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write a freshly drawn network into ``raw``; ``options`` must be empty."""
    assert not options, "nothing can be set"
    raw.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    torch.save(build().state_dict(), raw / FILE)
