"""Where a training runs."""

import torch

from rework.errors import ConfigError


def choose_device(name: str) -> torch.device:
    """Return the device for ``auto``, ``cpu`` or ``cuda``; ``auto`` takes a GPU if torch sees one.

    Raises:
        ConfigError: ``cuda`` was asked for but torch sees no GPU, or the name is none of the three.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise ConfigError(f"device {name!r}: expected auto, cpu or cuda")
    available = name != "cpu" and torch.cuda.is_available()
    if name == "cuda" and not available:
        raise ConfigError(
            f"device cuda was asked for, but torch {torch.__version__} sees no GPU here; "
            "use device auto or cpu, or check the driver with nvidia-smi"
        )
    return torch.device("cuda" if available else "cpu")
