"""Arguments of the steps that may use a graphics processor."""

import argparse
import sys
from contextlib import AbstractContextManager
from functools import partial

from rework.gpu_slots import gpu_slot


def add_device_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where to compute, and how jobs of one machine share it."""
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: auto")
    parser.add_argument(
        "--gpu-slots",
        type=int,
        default=0,
        metavar="N",
        help="let at most N jobs that say this share a GPU, and take a place among them (default: 0, use any GPU)",
    )


def place_on_gpu(arguments: argparse.Namespace) -> AbstractContextManager[str | None]:
    """Return what holds the place that the arguments ask for; enter it before anything uses CUDA."""
    slots = 0 if arguments.device == "cpu" else arguments.gpu_slots
    return gpu_slot(slots, partial(print, file=sys.stderr, flush=True))
