"""Arguments of the steps that may use a graphics processor."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps

import torch

from rework.gpu_slots import gpu_slot
from rework.training.devices import choose_device


def add_device_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where to compute, and how jobs of one machine share it."""
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: auto")
    parser.add_argument(
        "--gpu-slots",
        type=_slots,
        default=0,
        metavar="N",
        help="let at most N jobs that say this share a GPU, and take a place among them (default: 0, use any GPU)",
    )


def on_device(make: Callable[[argparse.Namespace, torch.device], None]) -> Callable[[argparse.Namespace], None]:
    """Turn a function of the arguments and a device into a step's ``main``, which chooses the device."""

    @wraps(make)
    def main(arguments: argparse.Namespace) -> None:
        with chosen_device(arguments) as device:
            make(arguments, device)

    return main


@contextmanager
def chosen_device(arguments: argparse.Namespace) -> Iterator[torch.device]:
    """Choose where to compute, and hold a place there while entered; nothing may use CUDA before.

    Raises:
        ConfigError: a GPU was asked for and torch sees none.
    """
    say = partial(print, file=sys.stderr, flush=True)
    with gpu_slot(0 if arguments.device == "cpu" else arguments.gpu_slots, say) as place:
        device = choose_device(arguments.device)
        if device.type == "cuda":
            visible = os.environ.get("CUDA_VISIBLE_DEVICES", "not set")
            say(f"computes on {torch.cuda.get_device_name(device)}, CUDA_VISIBLE_DEVICES {visible}")
        else:
            # A device file is not yet a GPU that torch can use: its driver may be too old. Nobody need wait for it.
            place.give_back()
        yield device


def _slots(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text}: expected a whole number from 0")
    return int(text)
