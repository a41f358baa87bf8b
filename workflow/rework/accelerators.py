"""Which graphics processors this machine offers, told from its device files: no torch, no process, no delay."""

import os
from pathlib import Path


def gpu_count(devices: Path = Path("/dev")) -> int:
    """Return how many NVIDIA devices a job here may use."""
    return len(visible_gpus(devices))


def visible_gpus(devices: Path = Path("/dev")) -> tuple[str, ...]:
    """Return the names by which ``CUDA_VISIBLE_DEVICES`` knows the NVIDIA devices that a job here may use.

    Where it is set, it hides the others; as CUDA does, this reads it up to the first entry that is no device here or
    stands there twice. Parts of a device (``MIG-…``) have names of their own in it.
    """
    present = len(list(devices.glob("nvidia[0-9]*")))
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return tuple(map(str, range(present)))
    names: list[str] = []
    for name in map(str.strip, visible.split(",")):
        if name in names or not _names_device(name, present):
            break
        names.append(name)
    parts = tuple(name for name in names if name.startswith("MIG-"))
    return parts if present and parts else tuple(names[:present])


def _names_device(name: str, present: int) -> bool:
    return name.startswith(("GPU-", "MIG-")) or (name.isdecimal() and int(name) < present)
