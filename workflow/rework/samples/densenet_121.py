"""The embedded sample in place of DenseNet's pretrained weights: random ones, in torchvision's own file format."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torchvision.models import densenet121

FILE = "densenet121.pth"
NOTE = "These weights are drawn at random: a network that starts with them has learned nothing before."
_LAYER = re.compile(r"(denselayer\d+\.(?:norm|conv))([12])\.")


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write the features of a freshly drawn network into ``raw``; ``options`` must be empty.

    As in the official file, which is older than that, the names of layers have dots (``norm.1``), and there are no
    counts of batches.
    """
    assert not options, "nothing can be set"
    raw.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    tensors = densenet121(weights=None).features.state_dict()
    named = {"features." + _LAYER.sub(r"\1.\2.", name): tensor for name, tensor in tensors.items()}
    torch.save({name: tensor for name, tensor in named.items() if not name.endswith("num_batches_tracked")}, raw / FILE)
