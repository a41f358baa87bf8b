"""What a step cannot be faster than: its arithmetic, its weights' way through memory, and the calls of its operations.

Each is a time of its own, from counts of the step and rates of this machine, with one thread. The activations' way
through memory is in none of them, so that the three together stay below the time of a step.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from loops.plain import InMemory
from loops.protocols import Problem

Format = Literal["fp32", "bf16"]
DTYPES: dict[Format, torch.dtype] = {"fp32": torch.float32, "bf16": torch.bfloat16}
SIZES = (512, 1024, 2048)
SWEPT_NUMBERS = 2**25  # 128 MiB: more than any cache
# How often a weight's four bytes pass through memory in a step: read forward and backward, and its gradient written and
# read; then the weight and each of the optimiser's states read and written.
GRADIENT_PASSES, STATE_PASSES = 4, 2
STATES = {"sgd": 1, "adam": 3}  # the weight itself, and Adam's two means; momentum adds one


@dataclass(frozen=True)
class Machine:
    """Rates of this machine with one thread.

    Attributes:
        flops: of the best matrix product in each number format, per second.
        bytes: read and written by a sum in place over a large array, per second.
        operation: seconds for a small operation of a network, asked for from Python, per call into torch's kernels.
    """

    flops: dict[Format, float]
    bytes: float
    operation: float


@dataclass(frozen=True)
class Counts:
    """What a step does: floating-point operations of both passes, bytes of weights moved, and calls of kernels."""

    flops: int
    bytes: int
    operations: int


@dataclass(frozen=True)
class Bound:
    """The shares of a step's time that its arithmetic, its weights and asking for its operations need at least."""

    arithmetic: float
    memory: float
    dispatch: float

    @property
    def name(self) -> str:
        """The largest share: what bounds the step."""
        shares = {"arithmetic": self.arithmetic, "memory": self.memory, "dispatch": self.dispatch}
        return max(shares, key=lambda name: shares[name])


def bound(counts: Counts, machine: Machine, number_format: Format, milliseconds: float) -> Bound:
    """Return what bounds a step that takes a processor so long."""
    seconds = milliseconds / 1000
    return Bound(
        arithmetic=counts.flops / machine.flops[number_format] / seconds,
        memory=counts.bytes / machine.bytes / seconds,
        dispatch=counts.operations * machine.operation / seconds,
    )


def measure_machine() -> Machine:
    """Return this machine's rates; a busy machine's are lower."""
    torch.set_num_threads(1)
    return Machine(
        flops={name: max(_product_rate(size, dtype) for size in SIZES) for name, dtype in DTYPES.items()},
        bytes=_memory_rate(),
        operation=_operation_seconds(),
    )


def count_step(problem: Problem) -> Counts:
    """Return what one step does, of the usual batch, in single precision.

    Words differ in length: their arithmetic is the mean of many.
    """
    model, settings = problem.model(), problem.settings
    data = InMemory(problem).epoch()
    batches = [next(data) for _ in range(200 if problem.words else 1)]
    # torch counts no operations inside oneDNN's LSTM; its own consists of matrix products.
    with _without_onednn(), FlopCounterMode(display=False) as counter:
        for arguments, targets in batches:
            problem.loss(model(*arguments), targets).backward()  # type: ignore[no-untyped-call]
    optimiser = problem.optimiser(model)
    with _CallCounter() as calls:
        arguments, targets = batches[0]
        problem.loss(model(*arguments), targets).backward()  # type: ignore[no-untyped-call]
    weights = sum(parameter.numel() for parameter in model.parameters())
    states = STATES[settings.optimiser.name] + bool(optimiser.defaults.get("momentum"))
    return Counts(
        flops=counter.get_total_flops() // len(batches),
        bytes=4 * weights * (GRADIENT_PASSES + STATE_PASSES * states),
        operations=calls.calls,
    )


class _CallCounter(TorchDispatchMode):
    """Counts the operations that reach torch's kernels, those of the backward pass too."""

    calls = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Count one and do it."""
        self.calls += 1
        return func(*args, **(kwargs or {}))


@contextmanager
def _without_onednn() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="TF32 acceleration")  # which nobody asked for
        with torch.backends.mkldnn.flags(enabled=False):
            yield


def _product_rate(size: int, dtype: torch.dtype) -> float:
    left, right = (torch.randn(size, size).to(dtype) for _ in range(2))
    return float(2 * size**3 / _fastest(lambda: torch.mm(left, right)))


def _memory_rate() -> float:
    numbers = torch.zeros(SWEPT_NUMBERS)
    return 2 * numbers.nbytes / _fastest(lambda: numbers.add_(1))


def _operation_seconds() -> float:
    layers = [nn.Sequential(nn.Linear(1, 1), nn.ReLU()) for _ in range(20)]
    model, example = nn.Sequential(*layers), torch.ones(1, 1)

    def step() -> None:
        model.zero_grad()
        model(example).sum().backward()  # type: ignore[no-untyped-call]

    with _CallCounter() as calls:
        step()
    return _fastest(step) / calls.calls


def _fastest(action: Callable[[], Any], seconds: float = 0.5) -> float:
    """Return the shortest time of an action."""
    times = []
    for started in _until(seconds):
        action()
        times.append(time.perf_counter() - started)
    return min(times[1:])


def _until(seconds: float) -> Iterator[float]:
    """Yield the time until it is up, three times at least."""
    end, count = time.perf_counter() + seconds, 0
    while count < 3 or time.perf_counter() < end:
        count += 1
        yield time.perf_counter()
