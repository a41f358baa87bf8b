"""The embedded sample in place of VGG-19's pretrained weights: random ones of the same shapes, in torch's format."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torchvision.models import vgg19

from rework.files import atomic_path

FILE = "vgg19.pth"
NOTE = "These weights are drawn at random: a network that starts with them has learned nothing before."


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the features of a freshly drawn network into ``raw``; ``options`` must be empty.

    The official file also holds the classifier, six times as large, which nothing here reads.
    """
    assert not options, "nothing can be set"
    torch.manual_seed(seed)
    # Drawing the classifier's 120 million weights would take seconds.
    with torch.device("meta"):
        network = vgg19(weights=None)
    features = network.features.to_empty(device="cpu")
    tensors = {}
    for name, tensor in features.state_dict().items():
        drawn = torch.zeros_like(tensor)
        if tensor.ndim > 1:  # as torchvision draws them
            torch.nn.init.kaiming_normal_(drawn, mode="fan_out", nonlinearity="relu")
        tensors[f"features.{name}"] = drawn
    with atomic_path(raw / FILE) as partial:
        torch.save(tensors, partial)
