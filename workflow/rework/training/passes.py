"""The forward and backward pass of a training step: run operation by operation, or recorded once and replayed.

A GPU computes the operations of a small network faster than the processor can launch them one by one; a CUDA graph
launches them all at once.
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

# Libraries choose kernels and allocate memory in their first calls; a graph must contain none of that.
WARM_UP = 3
# A recording uses the same kernels as the eager passes: any difference beyond rounding is a bug.
RELATIVE, ABSOLUTE = 1e-4, 1e-6


class Passes(Protocol):
    """Computes both passes of one batch."""

    description: str

    def __call__(self, batch: Batch) -> tuple[Tensor, Outputs]:
        """Return the mean loss and what the model returned, and set the gradients of the parameters.

        The parameters must have no gradients when this is called.
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
        # Losses are always computed in float32, whatever the precision of the passes.
        loss = self.loss_function(tuple(out.float() if out.is_floating_point() else out for out in outputs), batch)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss, outputs


@dataclass(frozen=True)
class Recording:
    """The results of an action, and a function that computes them again into the same memory."""

    results: list[Tensor]
    replay: Callable[[], None]


Recorder = Callable[[Callable[[], list[Tensor]]], Recording]


def record_cuda_graph(action: Callable[[], list[Tensor]]) -> Recording:
    """Record an action as a CUDA graph, without running it.

    Raises:
        RuntimeError: the action does something that a graph cannot contain, such as waiting for a result.
    """
    graph = torch.cuda.CUDAGraph()
    stream = torch.cuda.current_stream()
    generator = torch.cuda.default_generators[stream.device.index]
    before = generator.clone_state()
    try:
        with torch.cuda.graph(graph):
            results = action()
    except RuntimeError:
        # A failed recording leaves its own stream current, and a generator that acts as if it were still being recorded
        # and refuses the next dropout.
        torch.cuda.set_stream(stream)
        generator.graphsafe_set_state(before)
        raise
    return Recording(results, graph.replay)


class RecordedPasses:
    """Recorded passes for batches of one shape; batches of any other shape run eagerly.

    Args:
        eager: the passes to record.
        batch: any batch of that shape; its values do not matter, and the state of the training does not change.
        record: how to record.

    Raises:
        RuntimeError: the passes cannot be recorded, or the recording does not compute the same.
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
        # The next replay overwrites this memory, and the record of the epoch is read only later.
        return loss.clone(), tuple(output.clone() for output in others[: self.returned])

    def _compute(self) -> list[Tensor]:
        """Return the loss, outputs and gradients of the batch."""
        self._discard_gradients()
        loss, outputs = self.eager(self.batch)
        gradients = [parameter.grad for parameter in self.parameters]
        detached = (output.detach() for output in outputs)
        return [loss.detach(), *detached, *(gradient for gradient in gradients if gradient is not None)]

    def _check(self) -> None:
        """Compare a replay with the eager passes, including random numbers and buffers."""
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
        """Restore the buffers and the random state afterwards, and discard gradients."""
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
    """Return recorded passes or, if recording fails, the eager ones with a description that says why."""
    try:
        return RecordedPasses(eager, batch, record)
    except RuntimeError as error:
        eager.description = f"operation by operation, for they could not be recorded: {str(error).splitlines()[0]}"
        return eager


@contextmanager
def _side_stream(device: torch.device) -> Iterator[None]:
    """Use a stream other than the default one, as the warm-up of a recording requires."""
    if device.type != "cuda":
        yield
        return
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(stream):
        yield
    torch.cuda.current_stream(device).wait_stream(stream)
