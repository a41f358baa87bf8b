"""The embedded sample in place of the network of nist36's author: random weights, in the form of his."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rework.evaluation.archive import write_npz
from rework.handwriting.author_network import SHAPES

FILE = "nist36_author_network.npz"
NOTE = "These weights are drawn at random: this network has learned nothing."


def generate(raw: Path, seed: int, options: Mapping[str, Any]) -> None:
    """Write a freshly drawn network into ``raw``; ``options`` must be empty."""
    assert not options, "nothing can be set"
    raw.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    write_npz(raw / FILE, {name: random.normal(0, 0.1, shape) for name, shape in SHAPES.items()})
