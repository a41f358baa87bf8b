"""The GPUs of this machine, found by their device files, without torch, another process or delay."""

import os
from pathlib import Path


def gpu_count(devices: Path = Path("/dev")) -> int:
    """Return how many NVIDIA devices a job may use here."""
    return len(visible_gpus(devices))


def visible_gpus(devices: Path = Path("/dev")) -> tuple[str, ...]:
    """Return the names, as in ``CUDA_VISIBLE_DEVICES``, of the NVIDIA devices that a job may use here.

    If that variable is set, it hides other devices. Like CUDA, this reads it up to the first entry that is repeated or
    is not a device here. Parts of a device (``MIG-…``) have their own names in it.
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
