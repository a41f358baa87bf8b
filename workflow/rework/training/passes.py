"""Forward and backward pass of a training step: operation by operation, or recorded once and played again.

A GPU computes a small network faster than the processor can ask for it, operation by operation; a CUDA graph asks for
all of them at once.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from rework.training.batches import Batch
from rework.training.determinism import random_state, restore_random_state
from rework.training.record import Outputs

Loss = Callable[[Outputs, Batch], Tensor]

# Libraries choose their kernels and take their memory in the first calls; a graph must hold none of that.
WARM_UP = 3
# The kernels of a recording are those of the eager passes: any difference beyond rounding is a mistake.
RELATIVE, ABSOLUTE = 1e-4, 1e-6


class Passes(Protocol):
    """Both passes of one batch."""

    description: str

    def __call__(self, batch: Batch) -> tuple[Tensor, Outputs]:
        """Return the mean loss and what the model returned, and leave the gradients with the parameters.

        The parameters have no gradients before.
        """
        ...


class EagerPasses:
    """Both passes, one operation after the other."""

    def __init__(
        self, model: nn.Module, loss_function: Loss, autocast: Callable[[], AbstractContextManager[object]]
    ) -> None:
        self.model = model
        self.loss_function = loss_function
        self.autocast = autocast
        self.description = "operation by operation"

    def __call__(self, batch: Batch) -> tuple[Tensor, Outputs]:
        """Return loss and outputs; see ``Passes``."""
        with self.autocast():
            returned = self.model(*batch.arguments)
        outputs = returned if isinstance(returned, tuple) else (returned,)
        # Losses are computed in float32, whatever the passes are computed in.
        loss = self.loss_function(tuple(out.float() if out.is_floating_point() else out for out in outputs), batch)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss, outputs


@dataclass(frozen=True)
class Recording:
    """What an action computed, and the means to compute it again into the same memory."""

    results: list[Tensor]
    replay: Callable[[], None]


Recorder = Callable[[Callable[[], list[Tensor]]], Recording]


def record_cuda_graph(action: Callable[[], list[Tensor]]) -> Recording:
    """Record an action as a CUDA graph; this runs nothing.

    Raises:
        RuntimeError: the action does what a graph cannot hold, such as waiting for a result.
    """
    graph = torch.cuda.CUDAGraph()
    stream = torch.cuda.current_stream()
    generator = torch.cuda.default_generators[stream.device.index]
    before = generator.clone_state()
    try:
        with torch.cuda.graph(graph):
            results = action()
    except RuntimeError:
        # A recording that breaks off leaves its own stream in use, and a generator that believes to be recorded still
        # and refuses the next dropout.
        torch.cuda.set_stream(stream)
        generator.graphsafe_set_state(before)
        raise
    return Recording(results, graph.replay)


class RecordedPasses:
    """Both passes of batches of one shape, recorded; those of another shape run eagerly.

    Args:
        eager: what to record.
        batch: one of the shape; its numbers do not matter, and nothing of the training changes.
        record: how.

    Raises:
        RuntimeError: it cannot be recorded, or what the recording computes is something else.
    """

    def __init__(self, eager: EagerPasses, batch: Batch, record: Recorder) -> None:
        self.eager = eager
        self.batch = Batch(tuple(tensor.clone() for tensor in batch.arguments), batch.targets.clone())
        self.device = batch.targets.device
        self.description = "recorded"
        with _side_stream(self.device), self._nothing_changed():
            for _ in range(WARM_UP):
                self._discard_gradients()
                _, outputs = eager(self.batch)
            self.returned = len(outputs)
            self.parameters = [parameter for parameter in eager.model.parameters() if parameter.grad is not None]
        with self._nothing_changed():
            self.recording = record(self._compute)
        self._check()

    def __call__(self, batch: Batch) -> tuple[Tensor, Outputs]:
        """Return loss and outputs; see ``Passes``."""
        pairs = list(zip(self.batch.tensors, batch.tensors, strict=True))
        if any(kept.shape != new.shape for kept, new in pairs):
            return self.eager(batch)
        for kept, new in pairs:
            kept.copy_(new)
        self.recording.replay()
        loss, *others = self.recording.results
        for parameter, gradient in zip(self.parameters, others[self.returned :], strict=True):
            parameter.grad = gradient
        # The next replay writes into the same memory, and the record of the epoch is read later.
        return loss.clone(), tuple(output.clone() for output in others[: self.returned])

    def _compute(self) -> list[Tensor]:
        """Return loss, outputs and gradients of the batch."""
        self._discard_gradients()
        loss, outputs = self.eager(self.batch)
        gradients = [parameter.grad for parameter in self.parameters]
        detached = (output.detach() for output in outputs)
        return [loss.detach(), *detached, *(gradient for gradient in gradients if gradient is not None)]

    def _check(self) -> None:
        """Compare a replay with the eager passes, random numbers and buffers included."""
        with self._nothing_changed():
            expected = [tensor.clone() for tensor in (*self._compute(), *self.eager.model.buffers())]
            expected_random = random_state(self.device)
        with self._nothing_changed():
            for tensor in self.recording.results:
                tensor.zero_()
            self.recording.replay()
            found = (*self.recording.results, *self.eager.model.buffers())
            same = all(torch.allclose(*pair, RELATIVE, ABSOLUTE) for pair in zip(expected, found, strict=True))
            same_random = all(
                torch.equal(state, expected_random[name]) for name, state in random_state(self.device).items()
            )
        if not same or not same_random:
            raise RuntimeError("the recording computes something else")

    def _discard_gradients(self) -> None:
        for parameter in self.eager.model.parameters():
            parameter.grad = None

    @contextmanager
    def _nothing_changed(self) -> Iterator[None]:
        """Put the buffers and the random numbers back, and discard gradients."""
        buffers = [buffer.clone() for buffer in self.eager.model.buffers()]
        random_before = random_state(self.device)
        try:
            yield
        finally:
            for buffer, before in zip(self.eager.model.buffers(), buffers, strict=True):
                buffer.copy_(before)
            restore_random_state(random_before, self.device)
            self._discard_gradients()


def recorded_if_possible(eager: EagerPasses, batch: Batch, record: Recorder) -> Passes:
    """Return recorded passes, or the eager ones, whose description then says why."""
    try:
        return RecordedPasses(eager, batch, record)
    except RuntimeError as error:
        eager.description = f"operation by operation, for they could not be recorded: {str(error).splitlines()[0]}"
        return eager


@contextmanager
def _side_stream(device: torch.device) -> Iterator[None]:
    """Warm up on another stream than the default one, as recording asks for."""
    if device.type != "cuda":
        yield
        return
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(stream):
        yield
    torch.cuda.current_stream(device).wait_stream(stream)
