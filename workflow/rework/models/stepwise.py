"""Linear maps that are applied once per word, with the gradient of their weights computed once per batch.

Automatic differentiation computes that gradient anew at every word and adds it up, which for an LSTM of 256 units at a
batch of 8 takes longer than everything else. Here each word leaves its inputs and the gradient of its outputs in a
record, and a single matrix product makes the sum of them.
"""

from typing import Any

import torch
from torch import Tensor

Record = list[tuple[Tensor, Tensor]]


class StepwiseLinear:
    """The map of a weight, to be applied at every step of one forward pass.

    Args:
        weight: out x in.
    """

    def __init__(self, weight: Tensor) -> None:
        self._record: Record = []
        self._weight = _Summed.apply(weight, self._record) if torch.is_grad_enabled() else weight

    def __call__(self, inputs: Tensor) -> Tensor:
        """Return ``inputs`` (B x in) times the transposed weight, B x out."""
        outputs: Tensor = _Step.apply(inputs, self._weight, self._record)
        return outputs


class _Step(torch.autograd.Function):
    """One application, whose gradient goes on to the inputs and, for the weight, into the record."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, record: Record) -> Tensor:
        ctx.save_for_backward(inputs, weight)
        ctx.record = record
        return inputs @ weight.t()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, None, None]:
        inputs, weight = ctx.saved_tensors
        gradient = gradient.to(weight.dtype)  # under autocast, the outputs are bfloat16
        ctx.record.append((inputs.to(weight.dtype), gradient))
        return (gradient @ weight).to(inputs.dtype) if ctx.needs_input_grad[0] else None, None, None


class _Summed(torch.autograd.Function):
    """The weight itself; its gradient is that of all steps, which autograd has visited before it comes here."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, record: Record) -> Tensor:
        ctx.set_materialize_grads(False)
        ctx.record = record
        return weight.view_as(weight)

    @staticmethod
    def backward(ctx: Any, _gradient: Tensor | None) -> tuple[Tensor | None, None]:
        if not ctx.record:
            return None, None
        inputs, gradients = (torch.cat(parts) for parts in zip(*ctx.record, strict=True))
        ctx.record.clear()
        return gradients.t() @ inputs, None
