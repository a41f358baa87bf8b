"""Which graphics processors this machine offers, told from its device files: no torch, no process, no delay."""

import os
from pathlib import Path


def gpu_count(devices: Path = Path("/dev")) -> int:
    """Return how many NVIDIA devices a job here may use.

    ``CUDA_VISIBLE_DEVICES``, where it is set, hides the others, as it does for CUDA itself.
    """
    present = len(list(devices.glob("nvidia[0-9]*")))
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return present
    named = [name for name in visible.split(",") if name.strip() not in ("", "-1")]
    return min(present, len(named))
