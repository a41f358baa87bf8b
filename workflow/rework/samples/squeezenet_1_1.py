"""The embedded sample in place of pretrained weights: random ones of the same shapes, in torch's own file format."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from rework.models.squeezenet import build

FILE = "squeezenet1_1.pth"
NOTE = "These weights are drawn at random: a network that starts with them has learned nothing before."


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the features of a freshly drawn network into ``raw``; ``options`` must be empty."""
    assert not options, "nothing can be set"
    raw.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    tensors = build(classes=2, size=64).state_dict()
    torch.save({name: tensor for name, tensor in tensors.items() if name.startswith("features.")}, raw / FILE)
