"""Settings that make two trainings of the same run on the same machine end with the same bytes."""

import os

import torch
from torch import Tensor


def make_deterministic(threads: int) -> None:
    """Make torch refuse algorithms whose results depend on timing, and compute with ``threads`` threads.

    The number of threads decides how sums are split, and with that the bytes.
    """
    # cuBLAS is not deterministic without this, and reads it when it creates its first handle.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(threads)
    # Equivalent to use_deterministic_algorithms(True), which also imports the compiler: one to four seconds a process.
    torch.set_deterministic_debug_mode("error")
    # Filling new memory costs time on every allocation, and nothing here reads memory before writing it.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
    # By default cuDNN rounds the inputs of fp32 convolutions to TF32's 10 bits; here, fp32 in a provenance means fp32.
    torch.backends.cudnn.allow_tf32 = False


def random_state(device: torch.device) -> dict[str, Tensor]:
    """Return the state of the generators that dropout draws from."""
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    return state


def restore_random_state(state: dict[str, Tensor], device: torch.device) -> None:
    """Return the generators to a state that ``random_state`` returned."""
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(state["cuda"], device)
