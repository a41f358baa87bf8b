"""Modules whose ``forward`` chooses between two ways by the values that it is given (course-notes, section 7.2).

TorchScript compiles their source text, so each is written out as it is to be compiled.
"""

# ruff: noqa: A002, N803, SIM108, UP008 - these forms are those of the notes' listing

import torch
from torch import Tensor


class MyModule(torch.nn.Module):
    """The notes' listing with types: its two ways give results of different shapes, (N,) and (N, M)."""

    def __init__(self, N: int, M: int) -> None:
        super(MyModule, self).__init__()
        self.weight = torch.nn.Parameter(torch.rand(N, M))

    def forward(self, input: Tensor) -> Tensor:
        """Return the product or the sum of the weights and an input, (M,), by the sign of the input's sum."""
        if input.sum() > 0:
            output = self.weight.mv(input)
        else:
            output = self.weight + input
        return output


class SameShape(MyModule):
    """The same with the second result summed over the columns, so that both ways give a result of shape (N,)."""

    def forward(self, input: Tensor) -> Tensor:
        """Return the product, or the sums of the rows."""
        if input.sum() > 0:
            output = self.weight.mv(input)
        else:
            output = (self.weight + input).sum(1)
        return output


class MyModuleCond(MyModule):
    """The notes' module with its choice in the form that ``torch.export`` can record."""

    def forward(self, input: Tensor) -> Tensor:
        """Return what ``MyModule`` does."""
        product, total = lambda given: self.weight.mv(given), lambda given: self.weight + given
        output: Tensor = torch.cond(input.sum() > 0, product, total, (input,))
        return output


class SameShapeCond(MyModule):
    """``SameShape`` with its choice in the form that ``torch.export`` can record."""

    def forward(self, input: Tensor) -> Tensor:
        """Return what ``SameShape`` does."""
        product, sums = lambda given: self.weight.mv(given), lambda given: (self.weight + given).sum(1)
        output: Tensor = torch.cond(input.sum() > 0, product, sums, (input,))
        return output
